// Whether the machine itself needs an interface, so that nobody may take it away.
//
// Two questions. A NIC that goes to another driver is no interface any more: addresses, routes, membership in a bridge
// or bond, and a VLAN or macvlan on top of it count; what an interface has by merely being up (its link-local address
// and multicast routes) does not. An interface that becomes a port stays, and only the kernel hears nothing from it:
// addresses and routes of its own subnets may have been left on it, and do no harm. Control thread.
#pragma once

#include <string>

namespace ecmpd::control {

/// "carries the default route", "has the address 192.0.2.1", ...; empty when nothing of the machine uses it. `index` is
/// the interface's own: another one of that name, or none, in this network namespace says nothing about it.
std::string why_in_use(const std::string& interface, unsigned index);

/// The same for an interface of this network namespace that is to be a port (AF_PACKET, AF_XDP).
std::string why_not_a_port(const std::string& interface);

/// An address that the kernel has on it, none that is link-local; empty without.
std::string address_on(const std::string& interface);

}  // namespace ecmpd::control
