// Originates the ICMP errors of a worker: rules, rate limits, source address, and the way back into the pipeline.
//
// A packet that is rejected becomes the error about it and waits here for the end of the round; then the worker takes
// it through lookup, select, rewrite and tx like any packet, so that it takes the sender's own way back. At most kBurst
// errors a round. An error about an error is never made, so one pass is enough. An error to a link-local sender has no
// way but one: back to the station that the frame came from. Worker only, one object for each; IcmpLimits is shared by
// all workers.
#pragma once

#include <rte_mbuf.h>

#include <array>
#include <memory>
#include <vector>

#include "dataplane/burst.h"
#include "dataplane/counters.h"
#include "dataplane/drop_reason.h"
#include "dataplane/forwarding_state.h"
#include "dataplane/icmp_error_kind.h"
#include "dataplane/policer.h"

namespace ecmpd::dataplane {

/// How many errors a second a port may cause, and as many the router itself. Errors that path MTU discovery needs have
/// a bucket of their own: a scan or a traceroute must not silence them.
class IcmpLimits {
 public:
  /// 0 a second: none at all.
  IcmpLimits(unsigned ports, uint32_t per_second);
  bool admit(unsigned port, IcmpErrorKind kind, uint64_t now_cycles);
  /// About packets from the router's own addresses.
  bool admit_own(IcmpErrorKind kind, uint64_t now_cycles) { return admit(ports_, kind, now_cycles); }

 private:
  unsigned ports_;
  std::vector<std::unique_ptr<Policer>> buckets_;  // two for each port, then the router's; empty: no errors
};

class IcmpOriginator {
 public:
  IcmpOriginator(const ForwardingState& state, IcmpLimits& limits, WorkerCounters& counters)
      : state_(state), limits_(limits), counters_(counters) {}
  ~IcmpOriginator();
  IcmpOriginator(const IcmpOriginator&) = delete;
  IcmpOriginator& operator=(const IcmpOriginator&) = delete;

  /// Takes a packet that was counted as dropped and that came in by the port in mbuf->port. `ip` is its header; `mtu`
  /// is that of the next hop where it was too long.
  void answer(rte_mbuf* packet, const uint8_t* ip, DropReason reason, uint16_t mtu);

  /// Fills empty bursts as parse would with what has been originated.
  void take(Burst& burst, Burst6& burst6);
  /// Fills an empty burst with what is complete and has to be sent only, by the port in mbuf->port.
  void take_complete(Burst6& burst);

 private:
  /// Null when no error is to be sent; then the packet is still the caller's.
  uint8_t* make(rte_mbuf* packet, const uint8_t* ip, DropReason reason, uint16_t mtu);

  const ForwardingState& state_;
  IcmpLimits& limits_;
  WorkerCounters& counters_;
  uint16_t next_id_ = 0;
  unsigned count_ = 0;
  unsigned complete_count_ = 0;
  struct Waiting {
    rte_mbuf* packet;
    uint8_t* ip;
  };
  std::array<Waiting, kBurst> waiting_;
  std::array<rte_mbuf*, kBurst> complete_;
};

}  // namespace ecmpd::dataplane
