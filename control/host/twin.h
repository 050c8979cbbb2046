// The twin of a port: a TAP interface with the port's MAC address and addresses, where the kernel plays the host.
//
// ARP, ND, ping and TCP for the router itself are punted into it; what the kernel sends out of it leaves by the port as
// it is. The kernel forwards nothing between twins and answers ARP only for the addresses of the twin that was asked.
// A twin with an IPv6 address also has the link-local one that its MAC address gives.
// Control thread.
#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "control/config/config.h"
#include "control/host/netlink.h"
#include "control/host/tap.h"

namespace ecmpd::control {

/// "t-NAME", shortened to the 15 characters that the kernel allows; `index` keeps shortened names apart.
std::string twin_name(const std::string& port_name, unsigned index);

/// Creates the interface, with addresses, up.
tl::expected<std::unique_ptr<Tap>, std::string> create_twin(Netlink& netlink, const PortConfig& port, unsigned index,
                                                            const MacAddress& mac);

}  // namespace ecmpd::control
