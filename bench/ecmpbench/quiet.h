// Which samples were taken while the core was ours, from what 12 additions took beside each (core_loop.h).
//
// Pure; any thread.
#pragma once

#include <span>
#include <vector>

namespace ecmpd::bench {

/// A sample is quiet when the additions before it, and before the next one, took at most 1.1 times what they take at
/// the best moments. `core` in cycles of the core's own clock, in order of time.
std::vector<bool> quiet_samples(std::span<const double> core);

/// The share of them that is true; 0 of none.
double share_of(const std::vector<bool>& flags);

}  // namespace ecmpd::bench
