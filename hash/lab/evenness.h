// How even a load is: measured, and what perfect hashing of the same flows would give.
//
// A load is flows, or bytes: units that move as one (all flows with one key, all bytes of one flow) each have a size.
// Chance alone makes every load uneven, more so when few large units carry it: N_eff = (sum of sizes)^2 / sum of
// squares says how many equal units would be as uneven. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ecmpd::hash::lab {

struct Evenness {
  double cov = 0;       // root mean square over the members of load / exact share - 1
  double max_mean = 0;  // largest load / exact share
};

/// `loads` sum to more than 0; weights, one for each, are the exact shares, each at least 1.
Evenness evenness(std::span<const uint64_t> loads, std::span<const uint32_t> weights);

/// (sum)^2 / sum of squares; 0 for no units.
double effective_units(std::span<const uint64_t> sizes);

struct IdealEvenness {
  double cov = 0;            // expected, exact: sqrt((n - 1) / N_eff) for equal weights
  double max_mean = 0;       // median, simulated
  double max_mean_high = 0;  // 99 of 100 are below
};

/// What perfect hashing of units with these sizes (in any order, not all 0) would give.
IdealEvenness ideal_evenness(std::span<const uint64_t> sizes, std::span<const uint32_t> weights, uint64_t seed);

}  // namespace ecmpd::hash::lab
