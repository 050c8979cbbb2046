// The data plane as a running machine: EAL, packets, ports, workers, the forwarding state and its publisher.
//
// start() brings everything up in order, the destructor takes it down in the reverse order. Control thread; the
// workers are lcores of their own that only this object starts and stops.
#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "control/config/config.h"
#include "control/daemon/start_error.h"
#include "dataplane/forwarding_state.h"
#include "dataplane/port.h"
#include "dataplane/publisher.h"
#include "dataplane/punt.h"
#include "dataplane/rcu.h"
#include "dataplane/worker.h"

namespace ecmpd::control {

class Machine {
 public:
  /// Opens every port of the configuration; no worker runs yet.
  static tl::expected<std::unique_ptr<Machine>, StartError> create(const Config& config);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  /// Starts the workers; the forwarding state should be filled as far as it is known.
  tl::expected<void, std::string> start_workers();

  void set_hash(const EcmpConfig& ecmp);

  dataplane::ForwardingState& state() { return *state_; }
  const dataplane::ForwardingState& state() const { return *state_; }
  dataplane::Publisher& publisher() { return *publisher_; }
  dataplane::PuntRing& punts() { return *punts_; }
  rte_mempool* mempool() { return mempool_; }
  dataplane::LinkEvents& link_events() { return link_events_; }
  const std::vector<std::unique_ptr<dataplane::Port>>& ports() const { return ports_; }
  const std::vector<std::unique_ptr<dataplane::Worker>>& workers() const { return workers_; }
  dataplane::IdlePolicy idle() const { return idle_; }

 private:
  Machine() = default;
  tl::expected<void, StartError> open(const Config& config);

  bool eal_ = false;
  dataplane::IdlePolicy idle_ = dataplane::IdlePolicy::kSleep;
  rte_mempool* mempool_ = nullptr;
  dataplane::LinkEvents link_events_;
  std::vector<std::unique_ptr<dataplane::Port>> ports_;
  std::unique_ptr<dataplane::Rcu> rcu_;
  std::unique_ptr<dataplane::ForwardingState> state_;
  std::unique_ptr<dataplane::Publisher> publisher_;
  std::unique_ptr<dataplane::PuntRing> punts_;
  std::unique_ptr<dataplane::IcmpLimits> icmp_limits_;
  std::unique_ptr<dataplane::WorkerContext> context_;
  std::vector<std::unique_ptr<dataplane::Worker>> workers_;
};

}  // namespace ecmpd::control
