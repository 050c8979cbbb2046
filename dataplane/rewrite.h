// Turning a received IPv4 packet into the one that leaves: MAC addresses, TTL, checksum.
//
// The rewrite stage does it in bursts; control does the same to packets that it held while a neighbor was resolved.
#pragma once

#include <rte_mbuf.h>

#include <optional>

#include "dataplane/forwarding_state.h"

namespace ecmpd::dataplane {

/// Rewrites the packet for a forwarding adjacency and sets mbuf->port to the port to leave by. `ip` is its IPv4 header.
/// A reason instead when the packet must not travel on; it is untouched then. One that is too long and may be
/// fragmented travels on: tx does that.
std::optional<DropReason> forward(rte_mbuf* packet, uint8_t* ip, const Adjacency& adjacency);

}  // namespace ecmpd::dataplane
