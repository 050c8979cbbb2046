#include "bench/ecmpbench/stage_costs.h"

#include <rte_cycles.h>

#include <algorithm>
#include <vector>

#include "bench/ecmpbench/core_loop.h"
#include "bench/ecmpbench/quiet.h"
#include "bench/ecmpbench/statistics.h"
#include "dataplane/exits.h"
#include "dataplane/rx.h"
#include "dataplane/stages.h"

namespace ecmpd::bench {

using dataplane::Burst;
using dataplane::Burst6;

namespace {

constexpr unsigned kBursts = 20'000;
constexpr unsigned kWarmUp = 2'000;
constexpr unsigned kTogether = 32;    // bursts after each look at the core
constexpr double kFewestQuiet = 0.1;  // of the bursts

uint64_t reading_cost() {
  uint64_t least = UINT64_MAX;
  for (unsigned i = 0; i < 1000; ++i) {
    const uint64_t start = rte_rdtsc_precise();
    least = std::min(least, rte_rdtsc_precise() - start);
  }
  return least;
}

class Stopwatch {
 public:
  explicit Stopwatch(uint64_t cost) : cost_(cost) {}
  void start() { last_ = rte_rdtsc_precise(); }
  double lap() {
    const uint64_t now = rte_rdtsc_precise();
    const uint64_t passed = now - last_;
    last_ = rte_rdtsc_precise();
    return static_cast<double>(passed > cost_ ? passed - cost_ : 0);
  }

 private:
  const uint64_t cost_;
  uint64_t last_ = 0;
};

/// From lookup to tx, each stage's cycles into `laps` from number 2 on.
template <typename AnyBurst>
void take_through(AnyBurst& burst, const dataplane::WorkerContext& context, dataplane::WorkerCounters& counters,
                  dataplane::Exits& exits, dataplane::Transmitter& transmitter, Stopwatch& watch, double* laps) {
  watch.start();
  dataplane::lookup(burst, context.state);
  laps[2] = watch.lap();
  dataplane::select(burst, context.state);
  laps[3] = watch.lap();
  dataplane::rewrite(burst, context.state, counters, exits, transmitter);
  laps[4] = watch.lap();
  dataplane::tx(transmitter);
  laps[5] = watch.lap();
}

}  // namespace

StageCosts measure_stages(Testbed& testbed) {
  const dataplane::WorkerContext& context = testbed.context();
  dataplane::WorkerCounters counters(static_cast<unsigned>(context.ports.size()), dataplane::kMaxCountedAdjacencies);
  dataplane::IcmpOriginator errors(context.state, context.icmp_limits, counters);
  dataplane::Exits exits(counters, context.punts, errors);
  dataplane::Transmitter transmitter(context.ports, 0, counters, exits);
  Burst burst;
  Burst6 burst6;
  Stopwatch watch(reading_cost());
  std::vector<double> core;
  std::array<std::vector<double>, kStages.size()> cycles;
  double core_now = 0;
  for (unsigned i = 0; i < kWarmUp + kBursts; ++i) {
    const dataplane::PortFacts& port = *context.ports[i % kInputs];
    double laps[kStages.size()];
    if (i % kTogether == 0) core_now = additions_core_cycles();
    watch.start();
    const unsigned packets = dataplane::rx(burst, port, 0, counters);
    laps[0] = watch.lap();
    dataplane::parse(burst, burst6, port, exits);
    laps[1] = watch.lap();
    if (burst.count != 0) {
      take_through(burst, context, counters, exits, transmitter, watch, laps);
    } else {
      take_through(burst6, context, counters, exits, transmitter, watch, laps);
    }
    testbed.rcu().quiescent(0);
    if (i < kWarmUp || packets == 0) continue;
    core.push_back(core_now);
    for (size_t stage = 0; stage < kStages.size(); ++stage) cycles[stage].push_back(laps[stage] / packets);
  }
  std::vector<bool> counted = quiet_samples(core);
  if (share_of(counted) < kFewestQuiet) counted.assign(core.size(), true);
  StageCosts out;
  for (size_t stage = 0; stage < kStages.size(); ++stage) {
    std::vector<double> values;
    for (size_t i = 0; i < counted.size(); ++i) {
      if (counted[i]) values.push_back(cycles[stage][i]);
    }
    out.cycles[stage] = quantile(std::move(values), 0.5);
  }
  return out;
}

}  // namespace ecmpd::bench
