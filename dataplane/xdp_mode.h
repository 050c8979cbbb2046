// Whether the kernel gave AF_XDP sockets zero-copy: net_af_xdp asks for it and does not say what it got.
//
// Control thread, around the opening of one port: the sockets that are there afterwards and were not before are its
// own.
#pragma once

#include <set>

namespace ecmpd::dataplane {

/// The AF_XDP sockets of this process, by descriptor.
std::set<int> xdp_sockets();

/// True when every socket works without copying.
bool zero_copy(const std::set<int>& sockets);

}  // namespace ecmpd::dataplane
