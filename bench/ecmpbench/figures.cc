#include "bench/ecmpbench/figures.h"

#include <algorithm>
#include <vector>

#include "bench/ecmpbench/quiet.h"

namespace ecmpd::bench {

namespace {

constexpr double kFewestQuiet = 0.1;  // of the windows
constexpr double kMostWaited = 0.25;  // of the time: caches are another process's then

template <typename Value>
std::vector<double> values_of(const std::vector<Window>& windows, Value value) {
  std::vector<double> out;
  for (const Window& window : windows) out.push_back(value(window));
  return out;
}

/// Appends the windows that count, and takes note of the core in `out`.
void choose_windows(const Measurement& worker, std::vector<Window>& chosen, Figures& out) {
  const std::vector<double> core = values_of(worker.windows, [](const Window& w) { return w.core; });
  const std::vector<bool> quiet = quiet_samples(core);
  const double share = share_of(quiet);
  const bool contended = share < kFewestQuiet || worker.waited > kMostWaited;
  std::vector<Window> own;
  for (size_t i = 0; i < quiet.size(); ++i) {
    if (quiet[i] || share < kFewestQuiet) own.push_back(worker.windows[i]);
  }
  const double cycles = quantile(values_of(own, [](const Window& w) { return w.router; }), 0.5);
  if (cycles > 0) out.packets_per_second += worker.tsc_hz / cycles;
  out.core = std::max(out.core, quantile(core, 0.5));
  out.quiet = std::min(out.quiet, share);
  out.contended = out.contended || contended;
  chosen.insert(chosen.end(), own.begin(), own.end());
}

}  // namespace

Figures figures_of(std::span<const Measurement> workers) {
  Figures out;
  out.quiet = 1;
  std::vector<Window> windows;
  for (const Measurement& worker : workers) choose_windows(worker, windows, out);
  const auto spread_over = [&](auto value) { return spread_of(values_of(windows, value)); };
  out.io = spread_over([](const Window& w) { return w.io; });
  out.macswap = spread_over([](const Window& w) { return w.macswap; });
  out.router = spread_over([](const Window& w) { return w.router; });
  out.over_io = spread_over([](const Window& w) { return w.router - w.io; });
  out.ratio_io = spread_over([](const Window& w) { return w.io / w.router; });
  out.ratio_macswap = spread_over([](const Window& w) { return w.macswap / w.router; });
  return out;
}

}  // namespace ecmpd::bench
