// Workers take packets through the stages while control changes routes, groups, adjacencies and hash settings as fast
// as it can; what became of every single packet must have been right at some moment of its burst.
//
//   churn_stress [--lookups N] [--lookups6 N] [--routes N] [--groups N] [--readers N] [--seed N]
//
// Runs until that many lookups have been checked and that many routes and groups been changed. Half of the packets are
// common ones. Prints totals; exit status 1 if a lookup was wrong or a packet lost. The FIBs' limits leave few spare
// tables, and identifiers are used again as soon as they may: what is freed or reused too early soon gives a worker
// something else.
#include <fmt/format.h>

#include <thread>

#include "dataplane/eal.h"
#include "tests/dataplane/churn_reader.h"
#include "tests/dataplane/number_options.h"

namespace ecmpd::dataplane {
namespace {

struct Options {
  uint64_t lookups = 5000000;  // IPv4
  uint64_t lookups6 = 500000;  // IPv6
  uint64_t routes = 50000;
  uint64_t groups = 5000;
  uint64_t readers = 2;
  uint64_t seed = 1;
};

constexpr uint64_t kMostReaders = 16;
constexpr uint32_t kTbl8Limit = 128;     // of which a state needs about half
constexpr uint32_t kFib6Capacity = 256;  // likewise

/// A worker's life: both families in turn, quiescent after each poll, offline now and then as when it is idle.
class StressWorker {
 public:
  StressWorker(const ChurnScene& scene, uint64_t seed) : ipv4_(scene, seed), ipv6_(scene, seed) {}

  /// Until these lookups are done and there have been enough changes.
  void run(Rcu& rcu, unsigned id, uint64_t lookups, uint64_t lookups6, const std::atomic<bool>& enough) {
    rcu.online(id);
    uint64_t polls = 0;
    uint64_t polls6 = 0;
    while (polls * kBurst < lookups || polls6 * kBurst < lookups6 || !enough.load(std::memory_order_relaxed)) {
      ipv4_.burst();
      if (++polls % kPollsOfIpv4 == 0) {
        ipv6_.burst();
        ++polls6;
      }
      rcu.quiescent(id);
      if (polls % kPollsOnline != 0) continue;
      rcu.offline(id);
      std::this_thread::yield();
      rcu.online(id);
    }
    rcu.offline(id);
  }

  ChurnTotals ipv4() const { return ipv4_.totals(); }
  ChurnTotals ipv6() const { return ipv6_.totals(); }

 private:
  static constexpr uint64_t kPollsOfIpv4 = 8;      // for one with IPv6 as well
  static constexpr uint64_t kPollsOnline = 10000;  // between two rests
  ChurnReader<ChurnIpv4> ipv4_;
  ChurnReader<ChurnIpv6> ipv6_;
};

void print(const char* family, const ChurnTotals& totals) {
  fmt::print("{}: lookups {} (sent {} common {} dropped {}) states per lookup {:.1f} wrong {} lost {}\n", family,
             totals.lookups, totals.sent, totals.common, totals.dropped,
             static_cast<double>(totals.states) / static_cast<double>(totals.lookups), totals.wrong, totals.lost);
}

/// Nothing went wrong, and the way of common packets was tried as well as the other one.
bool good(const ChurnTotals& totals) {
  return totals.wrong + totals.lost == 0 && totals.common > totals.sent / 4 && totals.common < totals.sent;
}

int stress(const Options& options, rte_mempool* packets, PuntRing& punts) {
  hash::Random random(options.seed);
  ChurnPool pool = make_churn_pool(hash::Family::kIpv4, random);
  pool.append(make_churn_pool(hash::Family::kIpv6, random));
  const ChurnScript script(pool, random.next());
  Rcu rcu;
  ForwardingState state(rcu, kTbl8Limit, kFib6Capacity);
  Publisher publisher(state, rcu);
  ChurnWriter writer(script, publisher);

  Progress progress(ChurnScript::kCycle);
  const ChurnScene scene{script, state, progress, punts, packets};
  std::atomic<bool> enough{false};
  std::atomic<uint64_t> running{options.readers};
  std::vector<std::unique_ptr<StressWorker>> workers;
  std::vector<std::thread> threads;
  for (unsigned id = 0; id < options.readers; ++id) {
    if (!rcu.register_reader(id)) return 2;
    workers.push_back(std::make_unique<StressWorker>(scene, random.next()));
  }
  for (unsigned id = 0; id < options.readers; ++id) {
    threads.emplace_back([&, id] {
      workers[id]->run(rcu, id, options.lookups / options.readers, options.lookups6 / options.readers, enough);
      --running;
    });
  }
  for (uint64_t number = ChurnScript::kCycle; running.load(std::memory_order_relaxed) != 0; ++number) {
    progress.begin();
    writer.apply(number);
    progress.end();
    writer.clean_up();
    const ChurnCounts& counts = writer.counts();
    if (counts.routes >= options.routes && counts.groups >= options.groups) {
      enough.store(true, std::memory_order_relaxed);
    }
  }
  for (std::thread& thread : threads) thread.join();

  ChurnTotals ipv4;
  ChurnTotals ipv6;
  for (const auto& worker : workers) {
    ipv4 += worker->ipv4();
    ipv6 += worker->ipv6();
  }
  print("ipv4", ipv4);
  print("ipv6", ipv6);
  const ChurnCounts& counts = writer.counts();
  fmt::print("changes: routes {} groups {} adjacencies {} settings {}\n", counts.routes, counts.groups,
             counts.adjacencies, counts.settings);
  return good(ipv4) && good(ipv6) ? 0 : 1;
}

bool read_options(int argc, char** argv, Options& options) {
  const bool read = read_numbers(argc, argv,
                                 {{"--lookups", &options.lookups},
                                  {"--lookups6", &options.lookups6},
                                  {"--routes", &options.routes},
                                  {"--groups", &options.groups},
                                  {"--readers", &options.readers},
                                  {"--seed", &options.seed}});
  return read && options.readers >= 1 && options.readers <= kMostReaders && options.lookups > 0;
}

int run(const Options& options) {
  const auto packets = static_cast<unsigned>(options.readers) * 2 * ChurnReader<ChurnIpv4>::kPackets;
  const EalOptions eal{.worker_cpus = {}, .vdevs = {}, .pci = {}, .mbufs = packets, .mbuf_room = 128};
  if (const auto started = start_eal(eal); !started) {
    fmt::print(stderr, "{}\n", started.error());
    return 2;
  }
  int status = 2;
  {
    const auto pool = create_mempool(eal.mbufs, eal.mbuf_room);
    auto punts = PuntRing::create("stress", kChurnPorts);
    if (pool && punts) status = stress(options, *pool, **punts);
  }
  stop_eal();
  return status;
}

}  // namespace
}  // namespace ecmpd::dataplane

int main(int argc, char** argv) {
  ecmpd::dataplane::Options options;
  if (!ecmpd::dataplane::read_options(argc, argv, options)) {
    fmt::print(stderr,
               "usage: churn_stress [--lookups N] [--lookups6 N] [--routes N] [--groups N] [--readers N (at most {})] "
               "[--seed N]\n",
               ecmpd::dataplane::kMostReaders);
    return 2;
  }
  return ecmpd::dataplane::run(options);
}
