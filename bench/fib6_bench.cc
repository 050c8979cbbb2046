// The IPv6 FIB: how long updates take, what memory it has and how many TSC cycles a lookup takes, beside rte_fib6 in
// the same run. The machine's noise is larger than most differences: compare rows of one run, with
// --benchmark_repetitions.
//
//   fib6_bench [Google Benchmark's options]
//
// The arguments of a row are the table (below), its number of prefixes, and the number of different addresses that are
// looked up. They lie inside random prefixes, and come in an order that no predictor knows.
#include <benchmark/benchmark.h>
#include <rte_eal.h>
#include <rte_fib6.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bench/fib_windows.h"
#include "dataplane/fib6.h"
#include "dataplane/rcu.h"

namespace ecmpd::dataplane {
namespace {

using Bytes = std::array<uint8_t, 16>;

enum TableKind : int64_t {
  kInternet,  // the lengths of an Internet table, clustered in providers of different sizes
  kHosts,     // consecutive /128s under one /64
  kSparse,    // random /128s under one /64
};

struct Route {
  hash::Prefix prefix;
  GroupId group;
};

uint8_t internet_length(std::mt19937_64& random) {
  const unsigned percent = random() % 100;
  for (const auto& [below, length] : std::initializer_list<std::pair<unsigned, uint8_t>>{
           {46, 48}, {58, 32}, {69, 44}, {79, 40}, {86, 36}, {91, 29}}) {
    if (percent < below) return length;
  }
  if (percent < 96) return static_cast<uint8_t>(20 + random() % 45);
  return percent < 98 ? 64 : 128;
}

Bytes bytes(uint64_t high, uint64_t low) {
  Bytes out;
  const uint64_t words[2] = {__builtin_bswap64(high), __builtin_bswap64(low)};
  std::memcpy(out.data(), words, sizeof words);
  return out;
}

std::vector<Route> make_routes(int64_t kind, size_t count) {
  // The registries' blocks that hold most of the table.
  constexpr uint64_t kBlocks[] = {0x2001, 0x2400, 0x2401, 0x2402, 0x2403, 0x2404, 0x2405, 0x2406, 0x2407,
                                  0x2408, 0x240e, 0x2600, 0x2601, 0x2602, 0x2603, 0x2604, 0x2605, 0x2606,
                                  0x2607, 0x2620, 0x2800, 0x2801, 0x2803, 0x2804, 0x2806, 0x2a00, 0x2a01,
                                  0x2a02, 0x2a03, 0x2a04, 0x2a05, 0x2a06, 0x2a07, 0x2a09, 0x2a0a, 0x2a0b,
                                  0x2a0c, 0x2a0d, 0x2a0e, 0x2a0f, 0x2a10, 0x2a12, 0x2a13, 0x2c0f};
  std::mt19937_64 random(5);
  std::vector<uint64_t> providers(count / 8 + 1);  // a /32 each
  for (uint64_t& one : providers) one = kBlocks[random() % std::size(kBlocks)] << 48 | (random() & 0xffff) << 32;
  std::set<hash::Prefix> seen;
  std::vector<Route> out;
  while (out.size() < count) {
    Bytes address = bytes(0x20010db800010002, kind == kHosts ? out.size() + 1 : random());
    uint8_t length = 128;
    if (kind == kInternet) {
      // Few providers have many prefixes; half of the prefixes lie near the beginning of the provider's block.
      const size_t rank = random() % providers.size() * (random() % providers.size()) / providers.size();
      const uint64_t inside =
          random() % 2 == 0 ? random() & UINT32_MAX : random() & (0x03ffffff >> random() % 8 | 0xffff);
      length = internet_length(random);
      address = bytes(providers[rank] | inside, random());
    }
    const hash::Prefix prefix(hash::IpAddress::v6(address.data()), length);
    if (seen.insert(prefix).second) out.push_back({prefix, GroupId{1 + static_cast<uint32_t>(random() % 64)}});
  }
  return out;
}

const std::vector<Route>& routes(const benchmark::State& state) {
  static std::map<std::pair<int64_t, int64_t>, std::vector<Route>> tables;
  auto& out = tables[{state.range(0), state.range(1)}];
  if (out.empty()) out = make_routes(state.range(0), static_cast<size_t>(state.range(1)));
  return out;
}

/// Destinations lie side by side, as rte_fib6 wants them: a packet's header is in the cache when a router looks it up.
struct Traffic {
  static constexpr size_t kLookups = 1u << 17;
  std::vector<Bytes> destinations = std::vector<Bytes>(kLookups);
  std::vector<const uint8_t*> pointers;

  Traffic(const std::vector<Route>& routes, size_t flows) {
    std::mt19937_64 random(6);
    std::vector<Bytes> pool(flows);
    for (Bytes& one : pool) {
      const hash::Prefix& prefix = routes[random() % routes.size()].prefix;
      for (unsigned i = 0; i < 16; ++i) {
        const unsigned kept = prefix.length() <= 8 * i ? 0 : prefix.length() >= 8 * i + 8 ? 8 : prefix.length() - 8 * i;
        one[i] = static_cast<uint8_t>(prefix.address().bytes()[i] | (random() & (0xffu >> kept)));
      }
    }
    for (Bytes& one : destinations) {
      one = pool[random() % flows];
      pointers.push_back(one.data());
    }
  }
};

void fill(Fib6& fib, const std::vector<Route>& routes) {
  for (const Route& route : routes) {
    if (fib.set(route.prefix, route.group) != FibResult::kOk) std::abort();
  }
}

// ---- Updates

void insert(benchmark::State& state) {
  const auto& table = routes(state);
  for (auto _ : state) {
    state.PauseTiming();
    Rcu rcu;
    auto fib = std::make_unique<Fib6>(rcu);
    state.ResumeTiming();
    fill(*fib, table);
    state.PauseTiming();
    state.counters["nodes"] = fib->nodes_in_use();
    state.counters["leaves"] = fib->leaves_in_use();
    state.counters["MB"] = fib->nodes_in_use() * 1344e-6 + fib->leaves_in_use() * 64e-6;
    fib.reset();
    state.ResumeTiming();
  }
}

void remove(benchmark::State& state) {
  const auto& table = routes(state);
  for (auto _ : state) {
    state.PauseTiming();
    Rcu rcu;
    auto fib = std::make_unique<Fib6>(rcu);
    fill(*fib, table);
    state.ResumeTiming();
    for (const Route& route : table) benchmark::DoNotOptimize(fib->remove(route.prefix));
    state.PauseTiming();
    fib.reset();
    state.ResumeTiming();
  }
}

/// Every node and leaf is painted.
void replace_default_route(benchmark::State& state) {
  Rcu rcu;
  Fib6 fib(rcu);
  fill(fib, routes(state));
  const hash::Prefix all(hash::IpAddress::v6(Bytes{}.data()), 0);
  uint32_t group = 0;
  for (auto _ : state) benchmark::DoNotOptimize(fib.set(all, GroupId{1 + ++group % 2}));
}

void flap_host_route(benchmark::State& state) {
  Rcu rcu;
  Fib6 fib(rcu);
  fill(fib, routes(state));
  const hash::Prefix host(hash::IpAddress::v6(bytes(0x20010db800020002, 1).data()), 128);
  for (auto _ : state) {
    benchmark::DoNotOptimize(fib.set(host, GroupId{1}));
    benchmark::DoNotOptimize(fib.remove(host));
  }
}

// ---- Lookups

void lookup_single(benchmark::State& state) {
  Rcu rcu;
  Fib6 fib(rcu);
  fill(fib, routes(state));
  const Traffic traffic(routes(state), static_cast<size_t>(state.range(2)));
  GroupId results[kFibBurst];
  measure_windows(state, Traffic::kLookups, [&](size_t first) {
    for (unsigned i = 0; i < kFibBurst; ++i) results[i] = fib.lookup(traffic.pointers[first + i]);
    benchmark::DoNotOptimize(results);
  });
}

void lookup_bulk(benchmark::State& state) {
  Rcu rcu;
  Fib6 fib(rcu);
  if (fib.kernel() == Fib6::Kernel::kScalar) return state.SkipWithError("no AVX-512: the same as lookup_single");
  fill(fib, routes(state));
  const Traffic traffic(routes(state), static_cast<size_t>(state.range(2)));
  GroupId results[kFibBurst];
  measure_windows(state, Traffic::kLookups, [&](size_t first) {
    fib.lookup_bulk(&traffic.pointers[first], results, kFibBurst);
    benchmark::DoNotOptimize(results);
  });
}

template <rte_fib6_lookup_type kType>
void lookup_rte_fib6(benchmark::State& state) {
  const auto& table = routes(state);
  rte_fib6_conf conf{};
  conf.type = RTE_FIB6_TRIE;
  conf.max_routes = static_cast<int>(table.size() * 3);
  conf.trie.nh_sz = RTE_FIB6_TRIE_4B;
  conf.trie.num_tbl8 = 860000;
  rte_fib6* fib = rte_fib6_create("bench", 0, &conf);
  if (fib == nullptr) return state.SkipWithError("rte_fib6_create failed");
  size_t refused = 0;
  for (const Route& route : table) {
    refused += rte_fib6_add(fib, route.prefix.address().bytes(), route.prefix.length(), raw(route.group)) != 0;
  }
  if (refused != 0 || rte_fib6_select_lookup(fib, kType) != 0) {
    state.SkipWithError(refused != 0 ? "rte_fib6 is full" : "rte_fib6 has no such lookup here");
  } else {
    Traffic traffic(table, static_cast<size_t>(state.range(2)));
    uint64_t results[kFibBurst];
    measure_windows(state, Traffic::kLookups, [&](size_t first) {
      rte_fib6_lookup_bulk(fib, reinterpret_cast<uint8_t(*)[16]>(&traffic.destinations[first]), results, kFibBurst);
      benchmark::DoNotOptimize(results);
    });
  }
  rte_fib6_free(fib);
}

void tables(benchmark::internal::Benchmark* rows) {
  for (const int64_t count : {1000, 30000, 250000}) rows->Args({kInternet, count});
  rows->Args({kHosts, 65000})->Args({kSparse, 65000})->Unit(benchmark::kMillisecond)->Iterations(3);
}
void lookups(benchmark::internal::Benchmark* rows) {
  for (const int64_t flows : {4096, 65536}) {
    for (const int64_t count : {1, 1000, 30000, 250000}) rows->Args({kInternet, count, flows});
    rows->Args({kHosts, 65000, flows})->Args({kSparse, 65000, flows});
  }
}

BENCHMARK(insert)->Apply(tables);
BENCHMARK(remove)->Apply(tables);
BENCHMARK(replace_default_route)->Args({kInternet, 250000})->Unit(benchmark::kMillisecond);
BENCHMARK(flap_host_route)->Args({kInternet, 250000});
BENCHMARK(lookup_single)->Apply(lookups);
BENCHMARK(lookup_bulk)->Apply(lookups);
BENCHMARK(lookup_rte_fib6<RTE_FIB6_LOOKUP_TRIE_SCALAR>)->Apply(lookups);
BENCHMARK(lookup_rte_fib6<RTE_FIB6_LOOKUP_TRIE_VECTOR_AVX512>)->Apply(lookups);

}  // namespace
}  // namespace ecmpd::dataplane

int main(int argc, char** argv) {
  const std::string file_prefix = "fib6_bench_" + std::to_string(getpid());
  // Without the option rte_fib6 does not offer its AVX-512 lookup.
  std::vector<std::string> words{
      argv[0], "--no-huge",   "--no-shconf", "--no-telemetry", "--no-pci",  "-m",
      "2048",  "--log-level", "4",           "--file-prefix",  file_prefix, "--force-max-simd-bitwidth=512"};
  std::vector<char*> eal;
  for (std::string& word : words) eal.push_back(word.data());
  if (rte_eal_init(static_cast<int>(eal.size()), eal.data()) < 0) return 1;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  rte_eal_cleanup();
  return 0;
}
