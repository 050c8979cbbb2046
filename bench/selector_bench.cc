// Selectors: a lookup in a warm table, and making a table when a member leaves. Arguments: members.
//
// Lookups run over 4,096 random hashes, so that indexing is what differs; tables larger than the caches are met as they
// are in a router whose groups are few. Rebuilds are what the control thread pays when one member of a group goes down.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "hash/home.h"
#include "hash/random.h"

namespace {

using namespace ecmpd::hash;

std::shared_ptr<const Home> home_of(Selector selector, int64_t count) {
  std::vector<Member> members;
  for (uint32_t i = 1; i <= count; ++i) members.push_back({IpAddress::v4(0x0a000000 + i), 1});
  return Home::build(selector, members, 0, 7);
}

void lookup(benchmark::State& state, Selector selector) {
  const auto home = home_of(selector, state.range(0));
  const BucketTable table = home->table(std::vector<bool>(home->members().size(), true));
  Random random(1);
  std::vector<uint32_t> hashes(4096);
  for (uint32_t& hash : hashes) hash = static_cast<uint32_t>(random.next());
  const BucketIndex index(static_cast<uint32_t>(table.owners.size()), table.indexing);
  for (auto _ : state) {
    uint32_t sum = 0;
    for (const uint32_t hash : hashes) sum += table.owners[index(hash)];
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(hashes.size()));
  state.counters["buckets"] = index.size();
}

void rebuild(benchmark::State& state, Selector selector) {
  const auto home = home_of(selector, state.range(0));
  std::vector<bool> live(home->members().size(), true);
  size_t down = 0;
  for (auto _ : state) {
    live[down] = true;
    down = (down + 1) % live.size();
    live[down] = false;
    benchmark::DoNotOptimize(home->table(live));
  }
}

void join(benchmark::State& state, Selector selector) {
  const auto home = home_of(selector, state.range(0) - 1);
  const Member newcomer{IpAddress::v4(0x0a00ffff), 1};
  for (auto _ : state) {
    const auto grown = home->join(newcomer);
    benchmark::DoNotOptimize(grown->table(std::vector<bool>(grown->members().size(), true)));
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (const Selector selector : kSelectors) {
    const std::string name(to_string(selector));
    for (const int64_t members : {3, 16, 64, 256, 1024}) {
      benchmark::RegisterBenchmark(("lookup/" + name).c_str(), lookup, selector)->Arg(members);
      if (is_model(selector)) continue;
      benchmark::RegisterBenchmark(("leave/" + name).c_str(), rebuild, selector)
          ->Arg(members)
          ->Unit(benchmark::kMicrosecond);
      benchmark::RegisterBenchmark(("join/" + name).c_str(), join, selector)
          ->Arg(members)
          ->Unit(benchmark::kMicrosecond);
    }
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
