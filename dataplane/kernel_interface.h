// What a port asks of the kernel about the interface behind it: carrier and MTU.
//
// net_af_packet and net_af_xdp say "up" whatever happens to it, and net_af_packet that 1500 is the largest MTU. Control
// thread.
#pragma once

#include <cstdint>
#include <string>

namespace ecmpd::dataplane {

/// Whether the interface is up and has its carrier, as its driver says now: the kernel's own word for it (IFF_RUNNING)
/// may be a second old.
bool kernel_carrier(const std::string& interface);

/// 0 or -errno.
int set_kernel_mtu(const std::string& interface, uint16_t mtu);

}  // namespace ecmpd::dataplane
