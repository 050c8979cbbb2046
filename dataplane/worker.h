// A worker: one lcore that polls one queue of every port and takes each burst through the six stages.
//
// run() is the lcore's whole life, and round() what it does again and again; both belong to the worker's own thread.
// stop() may be called from any thread. What a round needs lives here, so that nothing is made while packets wait.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "dataplane/burst.h"
#include "dataplane/counters.h"
#include "dataplane/exits.h"
#include "dataplane/forwarding_state.h"
#include "dataplane/icmp_originator.h"
#include "dataplane/idle.h"
#include "dataplane/port.h"
#include "dataplane/punt.h"
#include "dataplane/rcu.h"
#include "dataplane/tx.h"

namespace ecmpd::dataplane {

struct WorkerContext {
  const ForwardingState& state;
  Rcu& rcu;
  PuntRing& punts;
  IcmpLimits& icmp_limits;
  std::vector<const PortFacts*> ports;  // by PortIndex
  IdlePolicy idle;
};

class Worker {
 public:
  /// `index` is the worker's number from 0: its queue on every port, and its reader id in RCU.
  Worker(const WorkerContext& context, unsigned index, unsigned lcore);
  void run();
  /// Once over the worker's queues of all ports; returns how many packets were taken in. For benchmarks and for run():
  /// whoever calls it is the worker's reader in RCU, online before the first round.
  unsigned round();
  void stop() { stop_.store(true, std::memory_order_relaxed); }

  unsigned lcore() const { return lcore_; }
  const WorkerCounters& counters() const { return *counters_; }
  hash::SimdLevel packet_kernel() const { return burst_.kernels->level; }

 private:
  void arrive(const PortFacts& port);
  template <typename AnyBurst>
  void take_through(AnyBurst& packets);

  const WorkerContext& context_;
  std::vector<const PortFacts*> devices_;  // the ports without the sub-ports
  const unsigned index_;
  const unsigned lcore_;
  const bool sends_each_burst_;  // not only at the end of a round
  std::unique_ptr<WorkerCounters> counters_;
  IcmpOriginator errors_;
  Exits exits_;
  Transmitter transmitter_;
  Burst burst_;
  Burst6 burst6_;
  std::atomic<bool> stop_{false};
};

}  // namespace ecmpd::dataplane
