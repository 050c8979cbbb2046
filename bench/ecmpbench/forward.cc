#include "bench/ecmpbench/forward.h"

#include <fmt/core.h>
#include <rte_cycles.h>
#include <rte_launch.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "bench/ecmpbench/core_loop.h"
#include "bench/ecmpbench/reference.h"
#include "bench/ecmpbench/routes.h"
#include "bench/ecmpbench/sent_check.h"
#include "bench/ecmpbench/statistics.h"
#include "bench/ecmpbench/testbed.h"
#include "bench/ecmpbench/traffic.h"
#include "dataplane/eal_log.h"
#include "hash/random.h"

namespace ecmpd::bench {

namespace {

constexpr unsigned kBursts = 64;        // until the path changes
constexpr double kSettleSeconds = 0.1;  // that do not count
constexpr unsigned kWorkerLcore = 1;    // see EalOptions

double seconds_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

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

/// What the measuring thread is given and gives back.
struct Job {
  Testbed& testbed;
  const std::vector<Frame>& frames;
  const Settings& settings;
  std::atomic<double> done{0};
  Measurement result;
  std::string problem;
};

class Turns {
 public:
  explicit Turns(Testbed& testbed) : worker_(testbed.worker()) {
    for (unsigned i = 0; i < kInputs; ++i) ports_[i] = testbed.ports()[i]->facts().dpdk_port;
  }

  Window next() {
    Window out{};
    out.core = static_cast<float>(additions_core_cycles());
    random_.shuffle(std::span<unsigned>(order_));
    for (const unsigned path : order_) {
      if (path == 0) out.io = cycles_of([&] { return forward_io(ports_, kBursts); });
      if (path == 1) out.macswap = cycles_of([&] { return forward_macswap(ports_, kBursts); });
      if (path == 2) out.router = cycles_of([&] { return forward_routed(worker_); });
    }
    return out;
  }

 private:
  dataplane::Worker& worker_;
  DpdkPorts ports_{};
  hash::Random random_{1};
  std::array<unsigned, 3> order_ = {0, 1, 2};
};

void count_drops(Job& job) {
  const dataplane::WorkerCounters& counters = job.testbed.worker().counters();
  uint64_t received = 0;
  uint64_t sent = 0;
  for (const auto& port : counters.port) {
    received += port.rx.packets.get();
    sent += port.tx.packets.get();
  }
  job.result.packets = sent;
  for (const auto& reason : counters.drops) job.result.drops += reason.get();
  if (sent != received) {
    job.problem =
        fmt::format("the router received {} packets and sent {}; {} are drops", received, sent, job.result.drops);
  }
}

void measure(Job& job) {
  const SentCheck check = check_sent(job.testbed, job.frames);
  job.result.checked = check.frames;
  job.problem = check.problem;
  if (!job.problem.empty()) return;
  Turns turns(job.testbed);
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
  if (job.settings.stages) {
    job.result.stages = measure_stages(job.testbed);
    job.result.has_stages = true;
  }
  count_drops(job);
}

int worker_main(void* argument) {
  Job& job = *static_cast<Job*>(argument);
  job.testbed.rcu().online(0);
  measure(job);
  job.testbed.rcu().offline(0);
  return 0;
}

/// Capture files that live as long as EAL has not read them.
class Captures {
 public:
  Captures() {
    std::string folder = std::filesystem::temp_directory_path() / "ecmpbench.XXXXXX";
    if (mkdtemp(folder.data()) != nullptr) folder_ = folder;
  }
  ~Captures() {
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }
  Captures(const Captures&) = delete;
  Captures& operator=(const Captures&) = delete;

  tl::expected<std::string, std::string> write(unsigned number, std::span<const Frame> frames) {
    const std::string path = fmt::format("{}/in{}.pcap", folder_, number);
    if (folder_.empty() || !write_capture(path, frames)) {
      return tl::unexpected(fmt::format("cannot write {}: {}", path, std::strerror(errno)));
    }
    return path;
  }

 private:
  std::string folder_;
};

}  // namespace

tl::expected<Measurement, std::string> measure_case(const Case& plan, const Settings& settings,
                                                    void (*progress)(double done)) {
  const std::vector<hash::Prefix> prefixes = make_prefixes(plan.family, plan.prefixes, plan.seed);
  const std::vector<hash::Tuple> flows = make_flows(prefixes, plan.flows, plan.seed);
  const unsigned size = plan.size == 0 ? least_size(plan.family) : plan.size;
  Captures captures;
  std::vector<std::string> paths;
  std::vector<Frame> frames;
  for (unsigned port = 0; port < kInputs; ++port) {
    frames.clear();
    for (uint32_t i = 0; i < flows.size(); ++i) frames.push_back(make_frame(flows[i], i, size, input_mac(port)));
    const auto path = captures.write(port, frames);
    if (!path) return tl::unexpected(path.error());
    paths.push_back(*path);
  }
  dataplane::send_eal_log_to([](dataplane::EalLevel level, std::string_view text) {
    if (level != dataplane::EalLevel::kInfo) fmt::print(stderr, "ecmpbench: DPDK: {}\n", text);
  });
  auto testbed = Testbed::create(plan, settings.cpu, paths);
  if (!testbed) return tl::unexpected(testbed.error());
  if (auto loaded = load_routes((*testbed)->publisher(), plan, (*testbed)->ports(), prefixes); !loaded) {
    return tl::unexpected(loaded.error());
  }
  Job job{**testbed, frames, settings, {}, {}, {}};
  job.result.hugepages = (*testbed)->hugepages();
  job.result.fib6_avx512 = (*testbed)->state().fib6.kernel() == dataplane::Fib6::Kernel::kAvx512;
  if (const int error = rte_eal_remote_launch(worker_main, &job, kWorkerLcore)) {
    return tl::unexpected(fmt::format("the measuring thread did not start: {}", std::strerror(-error)));
  }
  constexpr useconds_t kProgressEvery = 50'000;
  while (rte_eal_get_lcore_state(kWorkerLcore) == RUNNING) {
    progress(job.done.load(std::memory_order_relaxed));
    usleep(kProgressEvery);
  }
  rte_eal_wait_lcore(kWorkerLcore);
  if (!job.problem.empty()) return tl::unexpected(job.problem);
  return std::move(job.result);
}

}  // namespace ecmpd::bench
