#include "bench/ecmpbench/quiet.h"

#include <algorithm>

#include "bench/ecmpbench/statistics.h"

namespace ecmpd::bench {

namespace {

constexpr double kBest = 0.02;      // of the samples are the best moments
constexpr double kTolerance = 1.1;  // measured: 2.21 cycles on a quiet core, 2.8 to 3.9 on a shared one
// 14 instructions that any core of the last ten years, with its four or more adders, does in this time when it is ours.
constexpr double kMostCycles = 3.6;

}  // namespace

std::vector<bool> quiet_samples(std::span<const double> core) {
  std::vector<bool> out(core.size());
  const double limit = kTolerance * quantile({core.begin(), core.end()}, kBest);
  if (limit > kMostCycles) return out;
  for (size_t i = 0; i < core.size(); ++i) {
    const size_t next = std::min(i + 1, core.size() - 1);
    out[i] = core[i] <= limit && core[next] <= limit;
  }
  return out;
}

double share_of(const std::vector<bool>& flags) {
  if (flags.empty()) return 0;
  return static_cast<double>(std::count(flags.begin(), flags.end(), true)) / static_cast<double>(flags.size());
}

}  // namespace ecmpd::bench
