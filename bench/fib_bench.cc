// The IPv4 FIB: how long updates take and how many TSC cycles a lookup takes, beside rte_fib and rte_lpm in the same
// run. The machine's noise is larger than most differences: compare rows of one run, with --benchmark_repetitions.
//
//   fib_bench [Google Benchmark's options]
#include <benchmark/benchmark.h>
#include <rte_eal.h>
#include <rte_fib.h>
#include <rte_lpm.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "bench/fib_windows.h"
#include "dataplane/fib4.h"
#include "dataplane/rcu.h"

namespace ecmpd::dataplane {
namespace {

constexpr uint32_t kMillion = 1000000;
constexpr uint32_t kTbl8Limit = 1u << 20;
constexpr uint32_t kReserve = 1u << 16;  // a million leaves
constexpr uint32_t kLpmTbl8s = 1u << 15;
constexpr unsigned kBurst = kFibBurst;

struct Route {
  uint32_t address;
  uint8_t length;
  uint32_t group;
};

hash::Prefix prefix(const Route& route) { return hash::Prefix(hash::IpAddress::v4(route.address), route.length); }

// ---- Updates

uint32_t sparse(uint32_t i) { return (16u << 24) + (i << 8) + (i * 37 & 0xff); }  // one for each /24
uint32_t consecutive(uint32_t i) { return (16u << 24) + i; }
uint32_t random_address(uint32_t i) { return i * 2654435761u; }  // all different: the factor is odd

template <uint32_t (*kAddress)(uint32_t)>
std::vector<hash::Prefix> hosts() {
  std::vector<hash::Prefix> out;
  for (uint32_t i = 0; i < kMillion; ++i) out.push_back(prefix({kAddress(i), 32, 0}));
  return out;
}

void insert_all(Fib4& fib, const std::vector<hash::Prefix>& prefixes) {
  for (uint32_t i = 0; i < prefixes.size(); ++i) {
    if (fib.set(prefixes[i], GroupId{1 + i % 8}) != FibResult::kOk) std::abort();
  }
}

/// The argument says how many tbl8s, with 16 leaves each, were reserved.
template <uint32_t (*kAddress)(uint32_t)>
void insert_million(benchmark::State& state) {
  const auto prefixes = hosts<kAddress>();
  for (auto _ : state) {
    state.PauseTiming();
    Rcu rcu;
    auto fib = std::make_unique<Fib4>(rcu, kTbl8Limit);
    if (state.range(0) != 0) fib->reserve(static_cast<uint32_t>(state.range(0)));
    state.ResumeTiming();
    insert_all(*fib, prefixes);
    state.PauseTiming();
    fib.reset();
    state.ResumeTiming();
  }
}

template <uint32_t (*kAddress)(uint32_t)>
void remove_million(benchmark::State& state) {
  const auto prefixes = hosts<kAddress>();
  for (auto _ : state) {
    state.PauseTiming();
    Rcu rcu;
    auto fib = std::make_unique<Fib4>(rcu, kTbl8Limit);
    insert_all(*fib, prefixes);
    state.ResumeTiming();
    for (const hash::Prefix& one : prefixes) benchmark::DoNotOptimize(fib->remove(one));
    state.PauseTiming();
    fib.reset();
    state.ResumeTiming();
  }
}

void replace_default_route(benchmark::State& state) {
  Rcu rcu;
  Fib4 fib(rcu);
  uint32_t group = 0;
  for (auto _ : state) benchmark::DoNotOptimize(fib.set(hash::Prefix(), GroupId{1 + ++group % 2}));
}

/// A million host routes below it.
void replace_default_route_over_hosts(benchmark::State& state) {
  Rcu rcu;
  Fib4 fib(rcu, kTbl8Limit);
  insert_all(fib, hosts<sparse>());
  uint32_t group = 0;
  for (auto _ : state) benchmark::DoNotOptimize(fib.set(hash::Prefix(), GroupId{1 + ++group % 2}));
}

void flap_host_route(benchmark::State& state) {
  Rcu rcu;
  Fib4 fib(rcu);
  const hash::Prefix aggregate = prefix({0x0a000000, 24, 0});
  const hash::Prefix host = prefix({0x0a000001, 32, 0});
  if (fib.set(aggregate, GroupId{1}) != FibResult::kOk) std::abort();
  for (auto _ : state) {
    benchmark::DoNotOptimize(fib.set(host, GroupId{1}));
    benchmark::DoNotOptimize(fib.remove(host));
  }
}

/// Beside another one: the /24's leaf becomes a tbl8 and back.
void flap_second_host_route(benchmark::State& state) {
  Rcu rcu;
  Fib4 fib(rcu);
  const hash::Prefix host = prefix({0x0a000001, 32, 0});
  if (fib.set(prefix({0x0a000002, 32, 0}), GroupId{1}) != FibResult::kOk) std::abort();
  for (auto _ : state) {
    benchmark::DoNotOptimize(fib.set(host, GroupId{1}));
    benchmark::DoNotOptimize(fib.remove(host));
  }
}

BENCHMARK(insert_million<sparse>)->Arg(0)->Arg(kReserve)->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(insert_million<random_address>)->Arg(0)->Arg(kReserve)->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(insert_million<consecutive>)->Arg(0)->Arg(kReserve)->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(remove_million<sparse>)->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(remove_million<random_address>)->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(remove_million<consecutive>)->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(replace_default_route)->Unit(benchmark::kMillisecond);
BENCHMARK(replace_default_route_over_hosts)->Unit(benchmark::kMillisecond);
BENCHMARK(flap_host_route);
BENCHMARK(flap_second_host_route);

// ---- Lookups: addresses inside random routes, in an order that no prefetcher knows

struct Table {
  std::vector<Route> routes;
  std::vector<uint32_t> addresses;
};

Route random_route(std::mt19937& random, uint8_t length) {
  const auto address = static_cast<uint32_t>(random() % 0xdf000000);
  return {address & (UINT32_MAX << (32 - length)), length, 1 + static_cast<uint32_t>(random() % 64)};
}

/// `fill(routes, random)` makes the routes; each table is made once.
template <typename Fill>
const Table& make_table(std::map<unsigned, Table>& tables, unsigned count, Fill fill) {
  Table& out = tables[count];
  if (!out.routes.empty()) return out;
  std::mt19937 random(count);
  fill(out.routes, random);
  for (unsigned i = 0; i < 1u << 20; ++i) {
    const Route& route = out.routes[random() % out.routes.size()];
    const uint32_t host_bits = route.length == 32 ? 0 : UINT32_MAX >> route.length;
    out.addresses.push_back(route.address | (static_cast<uint32_t>(random()) & host_bits));
  }
  return out;
}

/// The lengths of an Internet table, and some host routes.
template <unsigned kPercentHosts>
const Table& internet(unsigned count) {
  static std::map<unsigned, Table> tables;
  return make_table(tables, count, [&](auto& routes, auto& random) {
    while (routes.size() < count) {
      const unsigned percent = random() % 100;
      const bool host = percent < kPercentHosts;
      routes.push_back(random_route(random, host ? 32 : percent < 3 ? 16 : percent < 17 ? 20 : percent < 39 ? 22 : 24));
    }
  });
}

/// Service addresses: up to so many in each of some random /24s, at random places.
template <unsigned kMost>
const Table& services(unsigned count) {
  static std::map<unsigned, Table> tables;
  return make_table(tables, count, [&](auto& routes, auto& random) {
    while (routes.size() < count) {
      const uint32_t net = random_route(random, 24).address;
      for (unsigned i = 1 + random() % kMost; i > 0; --i) {
        routes.push_back(
            {net | (static_cast<uint32_t>(random()) & 0xff), 32, 1 + static_cast<uint32_t>(random() % 64)});
      }
    }
  });
}

/// `burst(addresses)` looks up kBurst addresses.
template <typename Burst>
void measure(benchmark::State& state, const Table& table, Burst burst) {
  measure_windows(state, table.addresses.size(), [&](size_t first) { burst(&table.addresses[first]); });
}

void fill(Fib4& fib, const Table& table) {
  for (const Route& route : table.routes) {
    if (fib.set(prefix(route), GroupId{route.group}) != FibResult::kOk) std::abort();
  }
}

void lookup_single(benchmark::State& state) {
  Rcu rcu;
  Fib4 fib(rcu);
  const Table& routes = internet<2>(static_cast<unsigned>(state.range(0)));
  fill(fib, routes);
  GroupId results[kBurst];
  measure(state, routes, [&](const uint32_t* addresses) {
    for (unsigned i = 0; i < kBurst; ++i) results[i] = fib.lookup(addresses[i]);
    benchmark::DoNotOptimize(results);
  });
}

template <const Table& (*kTable)(unsigned)>
void lookup_bulk(benchmark::State& state) {
  Rcu rcu;
  Fib4 fib(rcu, kTbl8Limit);
  const Table& routes = kTable(static_cast<unsigned>(state.range(0)));
  fill(fib, routes);
  GroupId results[kBurst];
  measure(state, routes, [&](const uint32_t* addresses) {
    fib.lookup_bulk(addresses, results, kBurst);
    benchmark::DoNotOptimize(results);
  });
}

void lookup_rte_fib(benchmark::State& state) {
  const Table& routes = internet<2>(static_cast<unsigned>(state.range(0)));
  rte_fib_conf conf{};
  conf.type = RTE_FIB_DIR24_8;
  conf.max_routes = static_cast<int>(routes.routes.size() * 2);
  conf.dir24_8.nh_sz = RTE_FIB_DIR24_8_4B;
  conf.dir24_8.num_tbl8 = kLpmTbl8s;
  rte_fib* fib = rte_fib_create("bench", 0, &conf);
  if (fib == nullptr) return state.SkipWithError("rte_fib_create failed");
  for (const Route& route : routes.routes) rte_fib_add(fib, route.address, route.length, route.group);
  uint64_t results[kBurst];
  measure(state, routes, [&](const uint32_t* addresses) {
    rte_fib_lookup_bulk(fib, const_cast<uint32_t*>(addresses), results, kBurst);
    benchmark::DoNotOptimize(results);
  });
  rte_fib_free(fib);
}

void lookup_rte_lpm(benchmark::State& state) {
  const Table& routes = internet<2>(static_cast<unsigned>(state.range(0)));
  const rte_lpm_config config{static_cast<uint32_t>(routes.routes.size()), kLpmTbl8s, 0};
  rte_lpm* lpm = rte_lpm_create("bench", 0, &config);
  if (lpm == nullptr) return state.SkipWithError("rte_lpm_create failed");
  for (const Route& route : routes.routes) rte_lpm_add(lpm, route.address, route.length, route.group);
  uint32_t results[kBurst];
  measure(state, routes, [&](const uint32_t* addresses) {
    rte_lpm_lookup_bulk(lpm, addresses, results, kBurst);
    benchmark::DoNotOptimize(results);
  });
  rte_lpm_free(lpm);
}

// rte_lpm inserts in quadratic time, so it has no row at 500,000 routes.
BENCHMARK(lookup_single)->Arg(1000)->Arg(20000)->Arg(500000);
BENCHMARK(lookup_bulk<internet<2>>)->Arg(1000)->Arg(20000)->Arg(500000);
BENCHMARK(lookup_bulk<internet<0>>)->Arg(1000)->Arg(20000)->Arg(500000);  // all found in tbl24
BENCHMARK(lookup_bulk<services<1>>)->Arg(1000)->Arg(20000)->Arg(500000);
BENCHMARK(lookup_bulk<services<2>>)->Arg(1000)->Arg(20000)->Arg(500000);
BENCHMARK(lookup_bulk<services<64>>)->Arg(1000)->Arg(20000)->Arg(500000);
BENCHMARK(lookup_rte_fib)->Arg(1000)->Arg(20000)->Arg(500000);
BENCHMARK(lookup_rte_lpm)->Arg(1000)->Arg(20000);

}  // namespace
}  // namespace ecmpd::dataplane

int main(int argc, char** argv) {
  const std::string file_prefix = "fib_bench_" + std::to_string(getpid());
  std::vector<std::string> words{argv[0], "--no-huge",   "--no-shconf", "--no-telemetry", "--no-pci", "-m",
                                 "1024",  "--log-level", "4",           "--file-prefix",  file_prefix};
  std::vector<char*> eal;
  for (std::string& word : words) eal.push_back(word.data());
  if (rte_eal_init(static_cast<int>(eal.size()), eal.data()) < 0) return 1;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  rte_eal_cleanup();
  return 0;
}
