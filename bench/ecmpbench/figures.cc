#include "bench/ecmpbench/figures.h"

#include <vector>

#include "bench/ecmpbench/quiet.h"

namespace ecmpd::bench {

namespace {

constexpr double kFewestQuiet = 0.1;  // of the windows
constexpr double kMostWaited = 0.25;  // of the time: caches are another process's then

template <typename Value>
Spread spread_over(std::span<const Window> windows, const std::vector<bool>& counted, Value value) {
  std::vector<double> values;
  for (size_t i = 0; i < windows.size(); ++i) {
    if (counted[i]) values.push_back(value(windows[i]));
  }
  return spread_of(std::move(values));
}

}  // namespace

Figures figures_of(std::span<const Window> windows, double waited) {
  Figures out;
  if (windows.empty()) return out;
  std::vector<double> core;
  for (const Window& window : windows) core.push_back(window.core);
  out.core = quantile(core, 0.5);
  std::vector<bool> counted = quiet_samples(core);
  out.quiet = share_of(counted);
  if (out.quiet < kFewestQuiet) counted.assign(windows.size(), true);
  out.contended = out.quiet < kFewestQuiet || waited > kMostWaited;

  out.io = spread_over(windows, counted, [](const Window& w) { return w.io; });
  out.macswap = spread_over(windows, counted, [](const Window& w) { return w.macswap; });
  out.router = spread_over(windows, counted, [](const Window& w) { return w.router; });
  out.over_io = spread_over(windows, counted, [](const Window& w) { return w.router - w.io; });
  out.ratio_io = spread_over(windows, counted, [](const Window& w) { return w.io / w.router; });
  out.ratio_macswap = spread_over(windows, counted, [](const Window& w) { return w.macswap / w.router; });
  return out;
}

}  // namespace ecmpd::bench
