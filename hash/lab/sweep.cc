#include "hash/lab/sweep.h"

#include <cmath>
#include <map>
#include <memory>
#include <mutex>

#include "hash/lab/derive_seed.h"
#include "hash/lab/goodness.h"
#include "hash/lab/measure.h"
#include "hash/lab/parallel.h"
#include "hash/lab/units.h"

namespace ecmpd::hash::lab {
namespace {

enum Drawn : uint64_t { kFunctionSeed, kTrafficSeed, kTieSeed, kSimulationSeed };

struct SweptTable {
  BucketTable table;
  std::vector<uint32_t> entries;
};

/// Distributions under perfect hashing, made when they are first asked for. A function of what is asked, so it does
/// not matter by whom.
class PerfectHashings {
 public:
  explicit PerfectHashings(uint64_t seed) : seed_(seed) {}

  std::shared_ptr<const PerfectHashing> of(size_t table, std::span<const uint32_t> entries, uint64_t units) {
    const std::lock_guard lock(mutex_);
    auto& found = made_[{table, units}];
    if (!found)
      found = std::make_shared<const PerfectHashing>(units, entries, derive_seed(seed_, {entries.size(), units}));
    return found;
  }

 private:
  uint64_t seed_;
  std::mutex mutex_;
  std::map<std::pair<size_t, uint64_t>, std::shared_ptr<const PerfectHashing>> made_;
};

/// Units on each member. Four sets of counters, since the next unit often lands where the last one did.
std::vector<uint64_t> count(std::span<const uint32_t> hashes, const BucketTable& table, size_t members) {
  const size_t stride = members + 16;  // apart in cache lines, too
  std::vector<uint32_t> counters(4 * stride);
  const auto add = [&](auto index) {
    const uint16_t* owners = table.owners.data();
    size_t i = 0;
    for (; i + 4 <= hashes.size(); i += 4) {
      ++counters[owners[index(hashes[i])]];
      ++counters[stride + owners[index(hashes[i + 1])]];
      ++counters[2 * stride + owners[index(hashes[i + 2])]];
      ++counters[3 * stride + owners[index(hashes[i + 3])]];
    }
    for (; i < hashes.size(); ++i) ++counters[owners[index(hashes[i])]];
  };
  const auto size = static_cast<uint32_t>(table.owners.size());
  switch (table.indexing) {  // outside of the loop
    case Indexing::kLowBits:
      add([size](uint32_t hash) { return bucket_index(hash, size, Indexing::kLowBits); });
      break;
    case Indexing::kModulo:
      add([size](uint32_t hash) { return bucket_index(hash, size, Indexing::kModulo); });
      break;
    case Indexing::kRange:
      add([size](uint32_t hash) { return bucket_index(hash, size, Indexing::kRange); });
      break;
  }
  std::vector<uint64_t> counts(members);
  for (size_t i = 0; i < members; ++i) {
    for (size_t set = 0; set < 4; ++set) counts[i] += counters[set * stride + i];
  }
  return counts;
}

tl::expected<std::vector<SweptTable>, Failure> make_tables(const SweepPlan& plan) {
  std::vector<SweptTable> tables;
  for (const std::string& selector : plan.selectors) {
    for (const uint32_t members : plan.members) {
      RouterSettings settings;
      settings.selector = selector;
      settings.buckets = plan.buckets;
      const auto list = make_members(members, {});
      const auto table = make_table(settings, *list, plan.seed);
      if (!table) return tl::make_unexpected(table.error());
      tables.push_back({*table, entries_of(*table, members)});
    }
  }
  return tables;
}

class Sweep {
 public:
  Sweep(const SweepPlan& plan, std::vector<SweptTable> tables)
      : plan_(plan), tables_(std::move(tables)), perfect_(derive_seed(plan.seed, {kSimulationSeed})) {
    for (size_t f = 0; f < plan.functions.size(); ++f) {
      for (size_t s = 0; s < plan.selectors.size(); ++s) {
        for (size_t w = 0; w < plan.workloads.size(); ++w) {
          for (size_t m = 0; m < plan.members.size(); ++m) {
            cells_.push_back({f, s, w, m, std::vector<double>(plan.seeds), std::vector<double>(plan.seeds)});
          }
        }
      }
    }
  }

  std::vector<SweepCell> run() {
    run_parallel(plan_.workloads.size() * plan_.seeds, plan_.threads, "sweep",
                 [this](size_t task) { one(task / plan_.seeds, static_cast<uint32_t>(task % plan_.seeds)); });
    return std::move(cells_);
  }

 private:
  /// Everything about one workload and one seed.
  void one(size_t workload, uint32_t seed) {
    const auto which = static_cast<uint64_t>(plan_.workloads[workload] - workloads().data());
    const Units units = make_units(*plan_.workloads[workload], plan_.flows, plan_.fields,
                                   derive_seed(plan_.seed, {kTrafficSeed, which, seed}));
    RouterSettings settings;
    settings.toeplitz_key = plan_.toeplitz_key;
    for (size_t f = 0; f < plan_.functions.size(); ++f) {
      const Hasher hasher = settings.hasher(plan_.functions[f], derive_seed(plan_.seed, {kFunctionSeed, seed}));
      const std::vector<uint32_t> hashes = hash_units(units, hasher);
      const auto function = static_cast<uint64_t>(plan_.functions[f]);
      for (size_t t = 0; t < tables_.size(); ++t) {
        const uint64_t tie_seed = derive_seed(plan_.seed, {kTieSeed, function, which, tables_[t].entries.size(), seed});
        const size_t s = t / plan_.members.size();
        const size_t m = t % plan_.members.size();
        const size_t cell =
            ((f * plan_.selectors.size() + s) * plan_.workloads.size() + workload) * plan_.members.size() + m;
        judge(hashes, t, tie_seed, cells_[cell].ps[seed], cells_[cell].unevenness[seed]);
      }
    }
  }

  void judge(std::span<const uint32_t> hashes, size_t t, uint64_t tie_seed, double& p, double& unevenness) {
    const SweptTable& swept = tables_[t];
    const std::vector<uint64_t> counts = count(hashes, swept.table, swept.entries.size());
    const Tails tails = perfect_.of(t, swept.entries, hashes.size())->tails(counts);
    p = tails.uniform(static_cast<double>(tie_seed >> 11) * 0x1p-53);
    size_t freedom = 0;
    for (const uint32_t entries : swept.entries) freedom += entries > 0 ? 1 : 0;
    unevenness = freedom > 1 ? std::sqrt(tails.statistic / static_cast<double>(freedom - 1)) : 1;
  }

  const SweepPlan& plan_;
  std::vector<SweptTable> tables_;
  PerfectHashings perfect_;
  std::vector<SweepCell> cells_;
};

}  // namespace

tl::expected<std::vector<SweepCell>, Failure> sweep(const SweepPlan& plan) {
  auto tables = make_tables(plan);
  if (!tables) return tl::make_unexpected(tables.error());
  return Sweep(plan, std::move(*tables)).run();
}

}  // namespace ecmpd::hash::lab
