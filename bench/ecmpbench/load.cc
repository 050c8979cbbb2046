#include "bench/ecmpbench/load.h"

#include <fmt/core.h>
#include <rte_cycles.h>
#include <rte_launch.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fstream>
#include <memory>

#include "bench/ecmpbench/clock.h"
#include "bench/ecmpbench/inputs.h"
#include "bench/ecmpbench/routes.h"
#include "bench/ecmpbench/statistics.h"
#include "bench/ecmpbench/testbed.h"
#include "bench/ecmpbench/traffic.h"

namespace ecmpd::bench {

namespace {

constexpr unsigned kLcore = 1;              // see EalOptions
constexpr size_t kMostRounds = 4'000'000;   // whose times are kept, of each phase
constexpr unsigned kRoutesAtOnce = 4096;    // between two looks at what may be freed
constexpr uint64_t kSlowMicroseconds = 20;  // for a round: then it is asked whether the CPU was taken away
constexpr useconds_t kLookAgain = 1'000;

/// The times of one phase's rounds; memory is there before the first.
struct Rounds {
  Rounds() : cycles(kMostRounds) {}
  std::vector<uint32_t> cycles;
  uint64_t count = 0;
  uint64_t packets = 0;
  uint64_t worst = 0;
  uint64_t interrupted = 0;
};

/// The worker's thread: rounds without end, written down in the phase that is on.
struct Job {
  explicit Job(Testbed& bed, size_t phases) : testbed(bed), rounds(phases) {}
  Testbed& testbed;
  std::vector<Rounds> rounds;
  std::atomic<size_t> phase{0};  // rounds.size(): the end
  std::atomic<size_t> seen{SIZE_MAX};
  double waited = 0;
};

/// How often another thread took the CPU away.
long taken_away() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nivcsw;
}

int worker_main(void* argument) {
  Job& job = *static_cast<Job*>(argument);
  dataplane::Worker& worker = job.testbed.worker(0);
  job.testbed.rcu().online(0);
  const double start = seconds_of(CLOCK_MONOTONIC);
  const double start_cpu = seconds_of(CLOCK_THREAD_CPUTIME_ID);
  const uint64_t slow = rte_get_tsc_hz() / 1'000'000 * kSlowMicroseconds;
  long switches = taken_away();
  for (size_t phase; (phase = job.phase.load(std::memory_order_acquire)) < job.rounds.size();) {
    job.seen.store(phase, std::memory_order_release);
    Rounds& rounds = job.rounds[phase];
    const uint64_t before = rte_rdtsc();
    rounds.packets += worker.round();
    const uint64_t cycles = rte_rdtsc() - before;
    if (rounds.count < kMostRounds)
      rounds.cycles[rounds.count] = static_cast<uint32_t>(std::min<uint64_t>(cycles, UINT32_MAX));
    ++rounds.count;
    if (cycles <= slow) continue;
    const long now = taken_away();
    if (now == switches) {
      rounds.worst = std::max(rounds.worst, cycles);
    } else {
      ++rounds.interrupted;
    }
    switches = now;
  }
  job.waited = 1 - (seconds_of(CLOCK_THREAD_CPUTIME_ID) - start_cpu) / (seconds_of(CLOCK_MONOTONIC) - start);
  job.testbed.rcu().offline(0);
  return 0;
}

int64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  int64_t all = 0;
  int64_t resident = 0;
  file >> all >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

uint64_t drops_of(const dataplane::Worker& worker) {
  uint64_t sum = 0;
  for (const auto& reason : worker.counters().drops) sum += reason.get();
  return sum;
}

class Phases {
 public:
  Phases(Job& job, void (*progress)(double)) : job_(job), progress_(progress) {}

  /// Runs `change`, which returns the number of items, as the next phase.
  template <typename Change>
  tl::expected<void, std::string> run(std::string_view name, Change change) {
    const size_t number = result_.size();
    job_.phase.store(number, std::memory_order_release);
    while (job_.seen.load(std::memory_order_acquire) != number) usleep(kLookAgain);
    const int64_t memory = resident_bytes();
    const uint64_t drops = drops_of(job_.testbed.worker(0));
    const double start = seconds_of(CLOCK_MONOTONIC);
    tl::expected<uint32_t, std::string> items = change();
    if (!items) return tl::unexpected(items.error());
    Phase phase{.name = name, .items = *items};
    phase.seconds = seconds_of(CLOCK_MONOTONIC) - start;
    phase.resident_bytes = resident_bytes() - memory;
    phase.drops = drops_of(job_.testbed.worker(0)) - drops;
    result_.push_back(phase);
    progress_(static_cast<double>(result_.size()) / static_cast<double>(job_.rounds.size()));
    return {};
  }

  /// When the worker's thread has ended.
  std::vector<Phase> take() {
    const double microsecond = static_cast<double>(rte_get_tsc_hz()) / 1e6;
    for (size_t i = 0; i < result_.size(); ++i) {
      const Rounds& rounds = job_.rounds[i];
      const auto kept = static_cast<std::ptrdiff_t>(std::min<uint64_t>(rounds.count, kMostRounds));
      const std::vector<double> cycles(rounds.cycles.begin(), rounds.cycles.begin() + kept);
      result_[i].rounds = rounds.count;
      result_[i].interrupted = rounds.interrupted;
      result_[i].packets = rounds.packets;
      result_[i].median_round = quantile(cycles, 0.5) / microsecond;
      result_[i].p999_round = quantile(cycles, 0.999) / microsecond;
      result_[i].worst_round = static_cast<double>(rounds.worst) / microsecond;
    }
    return std::move(result_);
  }

 private:
  Job& job_;
  void (*progress_)(double);
  std::vector<Phase> result_;
};

using Count = tl::expected<uint32_t, std::string>;
constexpr size_t kPhaseCount = 7;

Count nothing(double seconds) {
  usleep(static_cast<useconds_t>(seconds * 1e6));
  return 0u;
}

Count add(dataplane::Publisher& publisher, std::span<const dataplane::GroupId> groups,
          std::span<const hash::Prefix> prefixes) {
  for (size_t at = 0; at < prefixes.size(); at += kRoutesAtOnce) {
    const auto some = prefixes.subspan(at, std::min<size_t>(kRoutesAtOnce, prefixes.size() - at));
    if (auto loaded = load_routes(publisher, groups, some); !loaded) return tl::unexpected(loaded.error());
    publisher.poll();
  }
  return static_cast<uint32_t>(prefixes.size());
}

Count remove(dataplane::Publisher& publisher, std::span<const hash::Prefix> prefixes) {
  size_t count = 0;
  for (const hash::Prefix& prefix : prefixes) {
    publisher.remove_route(prefix);
    if (++count % kRoutesAtOnce == 0) publisher.poll();
  }
  return static_cast<uint32_t>(prefixes.size());
}

tl::expected<void, std::string> run_phases(Phases& phases, Testbed& testbed, const LoadSettings& settings) {
  dataplane::Publisher& publisher = testbed.publisher();
  const auto table4 = make_prefixes(hash::Family::kIpv4, settings.routes4, settings.plan.seed + 1);
  const auto table6 = make_prefixes(hash::Family::kIpv6, settings.routes6, settings.plan.seed + 1);
  std::vector<dataplane::GroupId> groups;
  return phases.run("quiet", [&] { return nothing(settings.seconds); })
      .and_then([&] {
        return phases.run("add groups", [&]() -> Count {
          auto made = load_groups(publisher, settings.plan, testbed.ports());
          if (!made) return tl::unexpected(made.error());
          groups = std::move(*made);
          return static_cast<uint32_t>(groups.size());
        });
      })
      .and_then([&] { return phases.run("add IPv4 routes", [&] { return add(publisher, groups, table4); }); })
      .and_then([&] { return phases.run("add IPv6 routes", [&] { return add(publisher, groups, table6); }); })
      .and_then([&] { return phases.run("quiet, full", [&] { return nothing(settings.seconds); }); })
      .and_then([&] { return phases.run("remove IPv4 routes", [&] { return remove(publisher, table4); }); })
      .and_then([&] { return phases.run("remove IPv6 routes", [&] { return remove(publisher, table6); }); });
}

}  // namespace

tl::expected<LoadResult, std::string> measure_load(const LoadSettings& settings, void (*progress)(double done)) {
  Case before = settings.plan;
  before.groups = 1;
  const auto inputs = make_inputs(before);
  if (!inputs) return tl::unexpected(inputs.error());
  Case sized = before;
  sized.prefixes = settings.routes6 + before.prefixes;  // room in the FIB
  auto testbed = Testbed::create(sized, {&settings.cpu, 1}, (*inputs)->captures());
  if (!testbed) return tl::unexpected(testbed.error());
  const auto group = load_groups((*testbed)->publisher(), before, (*testbed)->ports());
  if (!group) return tl::unexpected(group.error());
  if (auto loaded = load_routes((*testbed)->publisher(), *group, (*inputs)->prefixes()); !loaded) {
    return tl::unexpected(loaded.error());
  }
  Job job(**testbed, kPhaseCount);
  if (const int error = rte_eal_remote_launch(worker_main, &job, kLcore)) {
    return tl::unexpected(fmt::format("the worker did not start: {}", std::strerror(-error)));
  }
  Phases phases(job, progress);
  const auto done = run_phases(phases, **testbed, settings);
  job.phase.store(kPhaseCount, std::memory_order_release);
  rte_eal_wait_lcore(kLcore);
  if (!done) return tl::unexpected(done.error());
  return LoadResult{phases.take(), job.waited, (*testbed)->hugepages()};
}

}  // namespace ecmpd::bench
