#include "bench/ecmpbench/figures.h"

#include <algorithm>
#include <vector>

namespace ecmpd::bench {

namespace {

constexpr double kBest = 0.02;      // of the windows are the best moments
constexpr double kTolerance = 1.1;  // measured: 2.21 cycles on a quiet core, 2.8 to 3.9 on a shared one
constexpr double kFewest = 0.1;     // of the windows must be quiet
// 14 instructions that any core of the last ten years, with its four or more adders, does in this time when it is ours.
constexpr double kMostCycles = 3.6;

template <typename Value>
Spread spread_over(std::span<const Window> windows, const std::vector<bool>& counted, Value value) {
  std::vector<double> values;
  for (size_t i = 0; i < windows.size(); ++i) {
    if (counted[i]) values.push_back(value(windows[i]));
  }
  return spread_of(std::move(values));
}

}  // namespace

Figures figures_of(std::span<const Window> windows) {
  Figures out;
  if (windows.empty()) return out;
  std::vector<double> core;
  for (const Window& window : windows) core.push_back(window.core);
  out.core = quantile(core, 0.5);
  const double limit = kTolerance * quantile(core, kBest);
  std::vector<bool> counted(windows.size());
  for (size_t i = 0; i < windows.size(); ++i) {
    const size_t next = std::min(i + 1, windows.size() - 1);
    counted[i] = limit <= kMostCycles && core[i] <= limit && core[next] <= limit;
  }
  const auto quiet = std::count(counted.begin(), counted.end(), true);
  out.quiet = static_cast<double>(quiet) / static_cast<double>(windows.size());
  out.contended = out.quiet < kFewest;
  if (out.contended) counted.assign(windows.size(), true);

  out.io = spread_over(windows, counted, [](const Window& w) { return w.io; });
  out.macswap = spread_over(windows, counted, [](const Window& w) { return w.macswap; });
  out.router = spread_over(windows, counted, [](const Window& w) { return w.router; });
  out.over_io = spread_over(windows, counted, [](const Window& w) { return w.router - w.io; });
  out.ratio_io = spread_over(windows, counted, [](const Window& w) { return w.io / w.router; });
  out.ratio_macswap = spread_over(windows, counted, [](const Window& w) { return w.macswap / w.router; });
  return out;
}

}  // namespace ecmpd::bench
