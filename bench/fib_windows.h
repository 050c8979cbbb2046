// Cycles per lookup or packet, as the lower quartile over short windows: on a machine that others use as well, the mean
// tells more about them than about the code. One thread.
#pragma once

#include <benchmark/benchmark.h>
#include <rte_cycles.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ecmpd::dataplane {

inline constexpr unsigned kFibBurst = 32;

/// Runs `burst(first)`, which treats the `together` items from number `first` on, through `items` items again and
/// again. Sets the counter.
template <typename Burst>
void measure_windows(benchmark::State& state, size_t items, Burst burst, unsigned together = kFibBurst,
                     const char* counter = "cycles/lookup") {
  constexpr unsigned kBursts = 32;  // in a window
  std::vector<double> windows;
  size_t at = 0;
  for (auto _ : state) {
    const uint64_t start = rte_rdtsc();
    for (unsigned i = 0; i < kBursts; ++i) {
      burst(at);
      at = (at + together) % items;
    }
    windows.push_back(static_cast<double>(rte_rdtsc() - start) / (kBursts * together));
  }
  const auto quartile = windows.begin() + static_cast<std::ptrdiff_t>(windows.size() / 4);
  std::nth_element(windows.begin(), quartile, windows.end());
  state.counters[counter] = *quartile;
}

}  // namespace ecmpd::dataplane
