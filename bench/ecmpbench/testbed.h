// A router without a daemon: DPDK, ports that give the same packets for ever and free what is sent, and what a worker
// needs, made as the daemon makes it.
//
// Each worker has two ports with packets (net_pcap, infinite_rx) that only it is meant to poll; further egress ports
// are net_null. One in a process, since EAL starts once. Main thread; the worker's rounds belong to its own.
#pragma once

#include <rte_mempool.h>

#include <memory>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "bench/ecmpbench/frames.h"
#include "bench/ecmpbench/plan.h"
#include "dataplane/forwarding_state.h"
#include "dataplane/link_events.h"
#include "dataplane/port.h"
#include "dataplane/publisher.h"
#include "dataplane/rcu.h"
#include "dataplane/worker.h"

namespace ecmpd::bench {

inline constexpr unsigned kInputs = 2;  // ports with packets

/// The MAC address that net_pcap gives to its device number `index`.
Mac input_mac(unsigned index);

class Testbed {
 public:
  /// A worker for each of `cpus`, on lcore 1, 2, ... `captures` has a file for each of kInputs ports with a packet of
  /// each of the plan's flows.
  static tl::expected<std::unique_ptr<Testbed>, std::string> create(const Case& plan, std::span<const unsigned> cpus,
                                                                    std::span<const std::string> captures);
  ~Testbed();
  Testbed(const Testbed&) = delete;
  Testbed& operator=(const Testbed&) = delete;

  bool hugepages() const { return hugepages_; }
  const std::vector<std::unique_ptr<dataplane::Port>>& ports() const { return ports_; }
  dataplane::ForwardingState& state() { return *state_; }
  dataplane::Publisher& publisher() { return *publisher_; }
  dataplane::Rcu& rcu() { return rcu_; }
  /// Its number is its queue on every port, and its reader in RCU.
  dataplane::Worker& worker(unsigned number) { return *workers_[number]; }
  const dataplane::WorkerContext& context() const { return *context_; }

 private:
  Testbed() = default;
  tl::expected<void, std::string> open(const Case& plan, std::span<const unsigned> cpus,
                                       std::span<const std::string> captures);

  bool eal_ = false;
  bool hugepages_ = false;
  dataplane::LinkEvents link_events_;
  std::vector<std::unique_ptr<dataplane::Port>> ports_;
  std::unique_ptr<dataplane::PuntRing> punts_;
  std::unique_ptr<dataplane::IcmpLimits> icmp_limits_;
  dataplane::Rcu rcu_;
  std::unique_ptr<dataplane::ForwardingState> state_;
  std::unique_ptr<dataplane::Publisher> publisher_;
  std::unique_ptr<dataplane::WorkerContext> context_;
  std::vector<std::unique_ptr<dataplane::Worker>> workers_;
};

}  // namespace ecmpd::bench
