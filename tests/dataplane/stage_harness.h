// A small router for packet cases: the real stages over a real forwarding state, with no device around them.
//
// Its ports, hosts and routes are those of world.h.
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
  std::vector<Bytes> pieces;     // the frames that tx makes of a sent one: it, or its fragments
  std::optional<unsigned> error_port;
  Bytes error;  // the ICMP error about it, as sent
};

class StageHarness {
 public:
  explicit StageHarness(uint32_t icmp_rate = 1'000'000);
  ~StageHarness();

  /// Takes one frame through the stages, with what the device says of it.
  Result run(const Bytes& frame, unsigned in_port = 0, uint64_t mbuf_flags = 0, uint32_t packet_type = 0);
  /// The same with the bytes spread over mbufs of at most `segment` bytes.
  Result run_segments(const Bytes& frame, size_t segment, unsigned in_port = 0);
  /// A packet that control gave up, as a worker takes it.
  Result give_up(const Bytes& frame, unsigned in_port, DropReason reason);
  /// Takes up to kBurst frames through as one burst; calls `sent` for each that is to be transmitted (not the ICMP
  /// errors about others).
  /// `prepare` gets each mbuf before, as the driver would hand it over.
  void run_burst(const std::vector<Bytes>& frames, const std::function<void(const rte_mbuf*)>& sent,
                 const std::function<void(size_t, rte_mbuf*)>& prepare = {});
  /// From now on parse uses these kernels instead of the CPU's best.
  void use(const ClassifyKernels& kernels) { kernels_ = &kernels; }

  /// As if the port had no IPv6 address.
  void forget_addresses6(unsigned port) { ports_[port].addresses6.clear(); }

  /// From now on every frame is recorded, as a worker and its Transmitter do; null: no more.
  void record(Recorder* recorder) { recorder_ = recorder; }

  Publisher& publisher() { return *publisher_; }
  ForwardingState& state() { return *state_; }
  const WorkerCounters& counters() const { return *counters_; }
  uint64_t drops() const;
  uint64_t punts() const;

 private:
  rte_mbuf* to_mbuf(const Bytes& frame) const;
  Result run(rte_mbuf* packet, unsigned in_port);
  std::vector<Bytes> transmit(rte_mbuf* packet) const;
  void take_error(Result& result);
  void free_punted();
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
  const ClassifyKernels* kernels_ = &classify_kernels();
};

}  // namespace ecmpd::dataplane::test
