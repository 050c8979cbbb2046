// Turning a received packet into the one that leaves: MAC addresses, TTL and checksum, or hop limit.
//
// The frame keeps its EtherType: what the packet is does not depend on the family of the nexthop, so IPv4 leaves by
// nexthops that have IPv6 addresses only (RFC 8950). The rewrite stage does it in bursts; control does the same to
// packets that it held while a neighbor was resolved.
#pragma once

#include <rte_mbuf.h>

#include <optional>

#include "dataplane/forwarding_state.h"

namespace ecmpd::dataplane {

/// Rewrites the packet for a forwarding adjacency and sets mbuf->port to the port to leave by. `ip` is its IPv4 or IPv6
/// header, which parse has found good. A reason instead when the packet must not travel on; it is untouched then.
std::optional<DropReason> forward(rte_mbuf* packet, uint8_t* ip, const Adjacency& adjacency);

}  // namespace ecmpd::dataplane
