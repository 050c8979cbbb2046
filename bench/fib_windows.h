// Cycles per lookup for the FIB benchmarks, as the lower quartile over short windows: on a machine that others use as
// well, the mean tells more about them than about the FIB. One thread.
#pragma once

#include <benchmark/benchmark.h>
#include <rte_cycles.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ecmpd::dataplane {

inline constexpr unsigned kFibBurst = 32;

/// Runs `burst(first)`, which looks up the kFibBurst addresses from number `first` on, through `addresses` addresses
/// again and again. Sets the counter cycles/lookup.
template <typename Burst>
void measure_windows(benchmark::State& state, size_t addresses, Burst burst) {
  constexpr unsigned kBursts = 32;  // in a window
  std::vector<double> windows;
  size_t at = 0;
  for (auto _ : state) {
    const uint64_t start = rte_rdtsc();
    for (unsigned i = 0; i < kBursts; ++i) {
      burst(at);
      at = (at + kFibBurst) % addresses;
    }
    windows.push_back(static_cast<double>(rte_rdtsc() - start) / (kBursts * kFibBurst));
  }
  const auto quartile = windows.begin() + static_cast<std::ptrdiff_t>(windows.size() / 4);
  std::nth_element(windows.begin(), quartile, windows.end());
  state.counters["cycles/lookup"] = *quartile;
}

}  // namespace ecmpd::dataplane
