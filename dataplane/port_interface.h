// What has become of the kernel's interface behind a port. Control thread.
//
// An interface is its index: one that is deleted and made anew under its name is another, which the open device does
// not serve, though the name has a carrier again.
#pragma once

#include <cstdint>

#include "dataplane/port_spec.h"

namespace ecmpd::dataplane {

/// Whether the device is an interface of the kernel, which has its name.
bool on_kernel_interface(const PortSpec& spec);

enum class InterfaceState : uint8_t { kThere, kGone, kMadeAnew };

/// kThere for a device without a kernel's interface. `dpdk_port` is open.
InterfaceState interface_state(const PortSpec& spec, uint16_t dpdk_port);

}  // namespace ecmpd::dataplane
