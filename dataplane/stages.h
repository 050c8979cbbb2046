// The stages between rx and tx, in their order. Each is a plain function over a Burst; each has a file of its own.
//
// Worker only; no allocation, system call, lock or log line. Packets leave the straight line through Exits, which
// counts them.
#pragma once

#include "dataplane/burst.h"
#include "dataplane/exits.h"
#include "dataplane/forwarding_state.h"
#include "dataplane/port.h"
#include "dataplane/tx.h"

namespace ecmpd::dataplane {

/// Ethernet and IPv4 validation (RFC 1812 section 5.2.2). On entry `burst.mbuf[0..count)` holds what `port` received;
/// on return the valid IPv4 packets that may be forwarded, with `ip` and `destination` filled. ARP and neighbor
/// discovery are punted; everything else is dropped with its reason.
void parse(Burst& burst, const PortFacts& port, Exits& exits);

/// Fills `group`: longest prefix match, kNoRoute where nothing covers the destination.
void lookup(Burst& burst, const Fib4& fib);

/// Fills `adjacency`: the packet's key, its hash, its bucket.
void select(Burst& burst, const ForwardingState& state);

/// Acts on the adjacency: packets to be forwarded get new MAC addresses, TTL and checksum and stay in the burst;
/// the others leave by a punt or a drop.
void rewrite(Burst& burst, const ForwardingState& state, WorkerCounters& counters, Exits& exits);

}  // namespace ecmpd::dataplane
