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

/// Ethernet, IPv4 and IPv6 validation (parse_ipv4.h, parse_ipv6.h). On entry `burst.mbuf[0..count)` holds what `port`
/// received; on return the valid IPv4 packets that may be forwarded, and `burst6` the IPv6 packets, each with `ip` and
/// `destination` filled. ARP and what else the link says to the router itself is punted; everything else is dropped
/// with its reason.
void parse(Burst& burst, Burst6& burst6, const PortFacts& port, Exits& exits);

/// Fills `group`: longest prefix match, kNoRoute where nothing covers the destination.
void lookup(Burst& burst, const ForwardingState& state);
void lookup(Burst6& burst, const ForwardingState& state);

/// Fills `adjacency`: the packet's key, its hash, its bucket.
void select(Burst& burst, const ForwardingState& state);
void select(Burst6& burst, const ForwardingState& state);

/// Acts on the adjacency: packets to be forwarded get new MAC addresses, TTL and checksum or hop limit and go to the
/// buffers of their ports; the others leave by a punt or a drop. The burst is empty then.
void rewrite(Burst& burst, const ForwardingState& state, WorkerCounters& counters, Exits& exits,
             Transmitter& transmitter);
void rewrite(Burst6& burst, const ForwardingState& state, WorkerCounters& counters, Exits& exits,
             Transmitter& transmitter);

}  // namespace ecmpd::dataplane
