// Readers look up while the writer adds, replaces and removes covering and covered prefixes as fast as it can; every
// answer must have been right at some moment between the call and the return of its lookup.
//
//   fib_stress [--family 4|6] [--lookups N] [--readers N] [--seed N]
//
// Prints one line of totals; exit status 1 if any was wrong, or if no leaf became a table and no table a leaf.
//
// The FIBs use a table or node again as soon as they may, so reuse that comes too early gives a reader the groups of
// other addresses; built with ThreadSanitizer, it is a race too. The limit leaves few spare ones: the writer is often
// full.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "dataplane/fib4.h"
#include "dataplane/fib6.h"
#include "dataplane/rcu.h"
#include "tests/dataplane/fib_scene.h"
#include "tests/dataplane/number_options.h"
#include "tests/dataplane/progress.h"

namespace ecmpd::dataplane {
namespace {

struct Options {
  uint64_t family = 4;
  uint64_t lookups = 20000000;
  uint64_t readers = 2;
  uint64_t seed = 1;
};

struct Totals {
  uint64_t lookups = 0;
  uint64_t wrong = 0;
};

/// An address as a FIB's lookup takes it. The scene outlives it.
template <typename Fib>
auto argument(const hash::IpAddress& address) {
  if constexpr (std::is_same_v<Fib, Fib4>) {
    return address.v4_value();
  } else {
    return address.bytes();
  }
}

template <typename Fib>
class Reader {
 public:
  Reader(const FibScene& scene, const Fib& fib, const Progress& progress, uint64_t seed)
      : scene_(scene), fib_(fib), progress_(progress), random_(seed * 0x9e3779b97f4a7c15 + 1) {
    for (const hash::IpAddress& probe : scene.probes()) arguments_.push_back(argument<Fib>(probe));
  }

  Totals run(Rcu& rcu, unsigned id, uint64_t lookups) {
    rcu.online(id);
    for (bool bulk = false; totals_.lookups < lookups; bulk = !bulk) {
      if (bulk) {
        burst();
      } else {
        for (unsigned i = 0; i < kBurst; ++i) single();
      }
      totals_.lookups += kBurst;
      rcu.quiescent(id);
    }
    rcu.offline(id);
    return totals_;
  }

 private:
  static constexpr unsigned kBurst = 32;

  /// Half of them near the change that the writer is at: a fault may last for some nanoseconds only.
  size_t random_probe() {
    random_ ^= random_ << 13;
    random_ ^= random_ >> 7;
    random_ ^= random_ << 17;
    if (random_ % 2 == 0) return scene_.probe_near(progress_.before_lookup(), static_cast<uint32_t>(random_ >> 32));
    return static_cast<size_t>(((random_ >> 32) * scene_.probes().size()) >> 32);
  }

  void single() {
    const size_t probe = random_probe();
    const uint64_t first = progress_.before_lookup();
    const GroupId answer = fib_.lookup(arguments_[probe]);
    check(probe, answer, first, progress_.after_lookup());
  }

  void burst() {
    std::array<size_t, kBurst> probes;
    std::array<Argument, kBurst> addresses;
    std::array<GroupId, kBurst> answers;
    for (unsigned i = 0; i < kBurst; ++i) {
      probes[i] = random_probe();
      addresses[i] = arguments_[probes[i]];
    }
    const uint64_t first = progress_.before_lookup();
    fib_.lookup_bulk(addresses.data(), answers.data(), kBurst);
    const uint64_t last = progress_.after_lookup();
    for (unsigned i = 0; i < kBurst; ++i) check(probes[i], answers[i], first, last);
  }

  void check(size_t probe, GroupId answer, uint64_t first, uint64_t last) {
    if (scene_.legal(probe, answer, first, last)) return;
    if (totals_.wrong++ < 5) {
      fmt::print(stderr, "{}: group {} between states {} and {}\n", scene_.probes()[probe].to_string(), raw(answer),
                 first, last);
    }
  }

  using Argument = decltype(argument<Fib>(hash::IpAddress()));
  const FibScene& scene_;
  std::vector<Argument> arguments_;
  const Fib& fib_;
  const Progress& progress_;
  uint64_t random_;
  Totals totals_;
};

template <typename Fib>
void apply(Fib& fib, const FibScene::Change& change) {
  if (!change.group) {
    fib.remove(change.prefix);
    return;
  }
  // Full only while readers have not been quiescent: let them run.
  while (fib.set(change.prefix, *change.group) == FibResult::kFull) std::this_thread::yield();
}

/// Leaves, and tbl8s or nodes.
template <typename Fib>
std::pair<uint32_t, uint32_t> shape(const Fib& fib) {
  if constexpr (std::is_same_v<Fib, Fib4>) {
    return {fib.leaves_in_use(), fib.tbl8_in_use()};
  } else {
    return {fib.leaves_in_use(), fib.nodes_in_use()};
  }
}

template <typename Fib>
int stress(const Options& options, hash::Family family) {
  const FibScene scene(family, static_cast<uint32_t>(options.seed));
  Rcu rcu;
  Fib fib(rcu, static_cast<uint32_t>(scene.most_routes()) + 512);
  for (const auto& [prefix, group] : scene.initial()) apply<Fib>(fib, {prefix, group});

  Progress progress;
  std::atomic<uint64_t> running{options.readers};
  std::vector<Totals> totals(options.readers);
  std::vector<std::thread> threads;
  for (unsigned id = 0; id < options.readers; ++id) {
    if (!rcu.register_reader(id)) return 2;
    threads.emplace_back([&, id] {
      totals[id] = Reader<Fib>(scene, fib, progress, options.seed + id).run(rcu, id, options.lookups / options.readers);
      --running;
    });
  }
  uint64_t changes = 0;
  uint64_t grown = 0;   // leaves that became a tbl8 or node,
  uint64_t shrunk = 0;  // and the other way round
  for (; running.load(std::memory_order_relaxed) != 0; ++changes) {
    const auto [leaves, tables] = shape(fib);
    progress.begin();
    apply(fib, scene.change(changes));
    progress.end();
    const auto [leaves_now, tables_now] = shape(fib);
    grown += tables_now > tables && leaves_now < leaves;
    shrunk += tables_now < tables && leaves_now > leaves;
  }
  for (std::thread& thread : threads) thread.join();

  Totals sum;
  for (const Totals& one : totals) {
    sum.lookups += one.lookups;
    sum.wrong += one.wrong;
  }
  fmt::print("lookups {} changes {} leaves grown {} shrunk {} wrong {}\n", sum.lookups, changes, grown, shrunk,
             sum.wrong);
  return sum.wrong == 0 && grown > 0 && shrunk > 0 ? 0 : 1;
}

bool parse(int argc, char** argv, Options& options) {
  const bool read = read_numbers(argc, argv,
                                 {{"--family", &options.family},
                                  {"--lookups", &options.lookups},
                                  {"--readers", &options.readers},
                                  {"--seed", &options.seed}});
  return read && (options.family == 4 || options.family == 6) && options.readers >= 1 &&
         options.readers <= Rcu::kMaxReaders;
}

}  // namespace
}  // namespace ecmpd::dataplane

int main(int argc, char** argv) {
  ecmpd::dataplane::Options options;
  if (!ecmpd::dataplane::parse(argc, argv, options)) {
    fmt::print(stderr, "usage: fib_stress [--family 4|6] [--lookups N] [--readers N] [--seed N]\n");
    return 2;
  }
  using namespace ecmpd;
  if (options.family == 4) return dataplane::stress<dataplane::Fib4>(options, hash::Family::kIpv4);
  return dataplane::stress<dataplane::Fib6>(options, hash::Family::kIpv6);
}
