// The kernel's interface behind a port. Control thread.
//
// An interface is its index. One that is made anew under its name is another, which the open device does not serve,
// though the name has a carrier again; and one that was away in another network namespace comes back with its index,
// but the device's sockets are dead.
#pragma once

#include <cstdint>
#include <string>

#include "dataplane/port_spec.h"

namespace ecmpd::dataplane {

/// Whether the device is an interface of the kernel.
bool on_kernel_interface(const PortSpec& spec);

/// The name that this interface has now; empty when it is not here any more. `dpdk_port` is open.
std::string interface_name(const PortSpec& spec, uint16_t dpdk_port);

}  // namespace ecmpd::dataplane
