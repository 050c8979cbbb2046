// A small router for packet cases: the real stages over a real forwarding state, with no device around them.
//
// Ports 0..3; the service prefix 203.0.113.0/24 goes to three members on ports 1..3 (10.0.N.11), 198.51.100.0/24 to a
// single one, 192.0.2.0/24 to an unresolved nexthop, 10.0.1.0/24 is a glean, 10.0.0.1 is the router. The same in IPv6:
// 2001:db8:113::/48 goes to the group of the IPv4 service, 2001:db8:51::/48 to its first member, 2001:db8:2::/48 is
// unresolved, fd00:1::/64 is a glean, fd00:p::1 is the router on port p (packet6.h). Clients (10.0.9.0/24,
// 2001:db8:9::/48) are behind a neighbor on port 0; port N has the address 10.0.N.1.
#pragma once

#include <rte_mbuf.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/burst.h"
#include "dataplane/counters.h"
#include "dataplane/forwarding_state.h"
#include "dataplane/icmp_originator.h"
#include "dataplane/port.h"
#include "dataplane/publisher.h"
#include "dataplane/punt.h"
#include "dataplane/rcu.h"
#include "tests/dataplane/packet.h"

namespace ecmpd::dataplane::test {

/// Starts EAL without hugepages, devices or files; once for each test program.
void start_test_eal();

/// What became of one frame.
struct Result {
  std::optional<DropReason> dropped;
  std::optional<PuntClass> punted;
  std::optional<unsigned> port;  // it was sent by
  Bytes frame;                   // as sent or punted
  std::optional<unsigned> error_port;
  Bytes error;  // the ICMP error about it, as sent
};

class StageHarness {
 public:
  explicit StageHarness(uint32_t icmp_rate = 1'000'000);
  ~StageHarness();

  /// Takes one frame through the stages.
  Result run(const Bytes& frame, unsigned in_port = 0, uint64_t mbuf_flags = 0);
  /// The same with the bytes spread over mbufs of at most `segment` bytes.
  Result run_segments(const Bytes& frame, size_t segment);
  /// A packet that control gave up, as a worker takes it.
  Result give_up(const Bytes& frame, unsigned in_port, DropReason reason);
  /// Takes up to kBurst frames through as one burst; calls `sent` for each that is to be transmitted (not the ICMP
  /// errors about others).
  void run_burst(const std::vector<Bytes>& frames, const std::function<void(const rte_mbuf*)>& sent);

  /// As if the port had no IPv6 address.
  void forget_addresses6(unsigned port) { ports_[port].addresses6.clear(); }

  /// From now on every frame is recorded, as a worker and its Transmitter do; null: no more.
  void record(Recorder* recorder) { recorder_ = recorder; }

  Publisher& publisher() { return *publisher_; }
  ForwardingState& state() { return *state_; }
  const WorkerCounters& counters() const { return *counters_; }
  uint64_t drops() const;
  uint64_t punts() const;

  std::vector<AdjacencyId> members;  // of the service
  GroupId service{0};

 private:
  rte_mbuf* to_mbuf(const Bytes& frame) const;
  Result run(rte_mbuf* packet, unsigned in_port);
  void take_error(Result& result);
  std::vector<rte_mbuf*> forward_burst(Burst& burst, unsigned in_port);
  std::vector<rte_mbuf*> take_through(Burst& burst, Burst6& burst6);

  rte_mempool* mempool_;
  Rcu rcu_;
  std::unique_ptr<ForwardingState> state_;
  std::unique_ptr<Publisher> publisher_;
  std::unique_ptr<PuntRing> punts_;
  std::unique_ptr<WorkerCounters> counters_;
  std::unique_ptr<IcmpLimits> limits_;
  std::unique_ptr<IcmpOriginator> errors_;
  std::vector<PortFacts> ports_;
  Recorder* recorder_ = nullptr;
};

}  // namespace ecmpd::dataplane::test
