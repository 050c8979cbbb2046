#include "dataplane/rewrite.h"

#include "dataplane/rewrite_burst.h"
#include "dataplane/stages.h"

namespace ecmpd::dataplane {

using rewriting::forward_as, rewriting::Ipv4, rewriting::Ipv6, rewriting::rewrite_as;

std::optional<DropReason> forward(rte_mbuf* packet, uint8_t* ip, const Adjacency& adjacency) {
  return ip[0] >> 4 == 4 ? forward_as<Ipv4>(packet, ip, adjacency) : forward_as<Ipv6>(packet, ip, adjacency);
}

void rewrite(Burst& burst, const ForwardingState& state, WorkerCounters& counters, Exits& exits,
             Transmitter& transmitter) {
  rewrite_as<Ipv4>(burst, state, counters, exits, transmitter);
}

void rewrite(Burst6& burst, const ForwardingState& state, WorkerCounters& counters, Exits& exits,
             Transmitter& transmitter) {
  rewrite_as<Ipv6>(burst, state, counters, exits, transmitter);
}

}  // namespace ecmpd::dataplane
