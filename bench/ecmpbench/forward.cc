#include "bench/ecmpbench/forward.h"

#include <fmt/core.h>
#include <rte_cycles.h>
#include <rte_launch.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <barrier>
#include <cstring>
#include <deque>

#include "bench/ecmpbench/clock.h"
#include "bench/ecmpbench/core_loop.h"
#include "bench/ecmpbench/inputs.h"
#include "bench/ecmpbench/reference.h"
#include "bench/ecmpbench/routes.h"
#include "bench/ecmpbench/sent_check.h"
#include "bench/ecmpbench/statistics.h"
#include "bench/ecmpbench/testbed.h"
#include "hash/count_text.h"
#include "hash/random.h"

namespace ecmpd::bench {

namespace {

constexpr unsigned kBursts = 64;        // until the path changes
constexpr double kSettleSeconds = 0.1;  // that do not count

uint64_t forward_routed(dataplane::Worker& worker) {
  uint64_t packets = 0;
  for (unsigned i = 0; i < kBursts / kInputs; ++i) packets += worker.round();
  return packets;
}

template <typename Path>
float cycles_of(Path path) {
  const uint64_t start = rte_rdtsc();
  const uint64_t packets = path();
  return static_cast<float>(rte_rdtsc() - start) / static_cast<float>(packets);
}

/// What a measuring thread is given and gives back.
struct Job {
  Job(Testbed& bed, std::span<const Frame> all, const Settings& how, std::barrier<>& start, unsigned number)
      : testbed(bed), frames(all), settings(how), ready(start), worker(number) {}

  Testbed& testbed;
  std::span<const Frame> frames;
  const Settings& settings;
  std::barrier<>& ready;  // all workers measure at the same time
  const unsigned worker;
  std::atomic<double> done{0};
  Measurement result;
  std::string problem;
};

class Turns {
 public:
  Turns(Testbed& testbed, unsigned worker) : worker_(testbed.worker(worker)), random_(worker) {
    for (unsigned i = 0; i < kInputs; ++i) queues_.ports[i] = testbed.ports()[i]->facts().dpdk_port;
    queues_.queue = static_cast<uint16_t>(worker);
  }

  Window next() {
    Window out{};
    out.core = static_cast<float>(additions_core_cycles());
    random_.shuffle(std::span<unsigned>(order_));
    for (const unsigned path : order_) {
      if (path == 0) out.io = cycles_of([&] { return forward_io(queues_, kBursts); });
      if (path == 1) out.macswap = cycles_of([&] { return forward_macswap(queues_, kBursts); });
      if (path == 2) out.router = cycles_of([&] { return forward_routed(worker_); });
    }
    return out;
  }

 private:
  dataplane::Worker& worker_;
  Queues queues_;
  hash::Random random_;
  std::array<unsigned, 3> order_ = {0, 1, 2};
};

void count_drops(Job& job) {
  const dataplane::WorkerCounters& counters = job.testbed.worker(job.worker).counters();
  uint64_t received = 0;
  uint64_t sent = 0;
  for (const auto& port : counters.port) {
    received += port.rx.packets.get();
    sent += port.tx.packets.get();
  }
  job.result.packets = sent;
  for (const auto& reason : counters.drops) job.result.drops += reason.get();
  if (sent != received) {
    job.problem = fmt::format("the router received {} and sent {}, with {}", hash::count_text(received, "packet"), sent,
                              hash::count_text(job.result.drops, "drop"));
  }
}

void measure(Job& job) {
  const SentCheck check = check_sent(job.testbed, job.worker, job.frames);
  job.result.checked = check.frames;
  job.problem = check.problem;
  job.ready.arrive_and_wait();
  if (!job.problem.empty()) return;
  Turns turns(job.testbed, job.worker);
  const double settled = seconds_of(CLOCK_MONOTONIC) + kSettleSeconds;
  while (seconds_of(CLOCK_MONOTONIC) < settled) turns.next();
  const double start = seconds_of(CLOCK_MONOTONIC);
  const double start_cpu = seconds_of(CLOCK_THREAD_CPUTIME_ID);
  double passed = 0;
  std::vector<double> multiplications;
  while (passed < job.settings.seconds) {
    job.result.windows.push_back(turns.next());
    multiplications.push_back(multiplication_cycles());
    passed = seconds_of(CLOCK_MONOTONIC) - start;
    job.done.store(passed / job.settings.seconds, std::memory_order_relaxed);
  }
  job.result.waited = 1 - (seconds_of(CLOCK_THREAD_CPUTIME_ID) - start_cpu) / passed;
  job.result.tsc_hz = static_cast<double>(rte_get_tsc_hz());
  job.result.core_hz = kMultiplicationCycles * job.result.tsc_hz / spread_of(std::move(multiplications)).median;
  if (job.settings.stages && job.worker == 0) {
    job.result.stages = measure_stages(job.testbed);
    job.result.has_stages = true;
  }
  count_drops(job);
}

int worker_main(void* argument) {
  Job& job = *static_cast<Job*>(argument);
  job.testbed.rcu().online(job.worker);
  measure(job);
  job.testbed.rcu().offline(job.worker);
  return 0;
}

}  // namespace

tl::expected<std::vector<Measurement>, std::string> measure_case(const Case& plan, const Settings& settings,
                                                                 void (*progress)(double done)) {
  const auto inputs = make_inputs(plan);
  if (!inputs) return tl::unexpected(inputs.error());
  auto testbed = Testbed::create(plan, settings.cpus, (*inputs)->captures());
  if (!testbed) return tl::unexpected(testbed.error());
  const auto groups = load_groups((*testbed)->publisher(), plan, (*testbed)->ports());
  if (!groups) return tl::unexpected(groups.error());
  if (auto loaded = load_routes((*testbed)->publisher(), *groups, (*inputs)->prefixes()); !loaded) {
    return tl::unexpected(loaded.error());
  }
  std::barrier ready(static_cast<std::ptrdiff_t>(settings.cpus.size()));
  std::deque<Job> jobs;
  for (unsigned i = 0; i < settings.cpus.size(); ++i) {
    Job& job = jobs.emplace_back(**testbed, (*inputs)->frames(), settings, ready, i);
    job.result.hugepages = (*testbed)->hugepages();
    job.result.fib6_avx512 = (*testbed)->state().fib6.kernel() == dataplane::Fib6::Kernel::kAvx512;
  }
  for (Job& job : jobs) {
    if (const int error = rte_eal_remote_launch(worker_main, &job, job.worker + 1)) {  // its lcore: see EalOptions
      return tl::unexpected(fmt::format("a measuring thread did not start: {}", std::strerror(-error)));
    }
  }
  constexpr useconds_t kProgressEvery = 50'000;
  while (rte_eal_get_lcore_state(1) == RUNNING) {
    progress(jobs.front().done.load(std::memory_order_relaxed));
    usleep(kProgressEvery);
  }
  rte_eal_mp_wait_lcore();
  std::vector<Measurement> out;
  for (Job& job : jobs) {
    if (!job.problem.empty()) return tl::unexpected(job.problem);
    out.push_back(std::move(job.result));
  }
  return out;
}

}  // namespace ecmpd::bench
