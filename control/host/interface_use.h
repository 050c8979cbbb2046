// Whether the machine itself needs an interface, so that nobody may take it away.
//
// Addresses, routes, membership in a bridge or bond, and a VLAN or macvlan on top of it count; what an interface has by
// merely being up (its link-local address and multicast routes) does not. Control thread.
#pragma once

#include <string>

namespace ecmpd::control {

/// "carries the default route", "has the address 192.0.2.1", ...; empty when nothing of the machine uses it. `index` is
/// the interface's own: another one of that name, or none, in this network namespace says nothing about it.
std::string why_in_use(const std::string& interface, unsigned index);

}  // namespace ecmpd::control
