// What the report draws, read from the JSON that sweep, churn and polarize print. Values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace ecmpd::hash::lab {

/// One function, selector, workload and number of members of a sweep.
struct EvennessPoint {
  std::string hash, selector, workload;
  uint32_t members = 0;
  double adjusted_p = 1;                 // Kolmogorov-Smirnov, after Holm
  double low = 1, middle = 1, high = 1;  // unevenness over that of perfect hashing: 5, 50 and 95 of 100 seeds
};

/// One selector under a sequence of events.
struct Disruption {
  struct Event {
    std::string name;
    double moved = 0;    // of all flows
    double minimum = 0;  // what was unavoidable
  };
  std::string selector;
  uint32_t members = 0;
  double survivors_moved = 0, home_after_flap = 0, worst_max_mean = 1;
  std::vector<Event> events;
};

/// Two tiers in a row.
struct TierPair {
  std::string first, second;  // functions
  double shared_bits = 0;     // mutual information
  double most_bits = 1;
  uint64_t paths_used = 0, paths = 0;
};

/// The errors say what is missing, for a person who gave the wrong file.
tl::expected<std::vector<EvennessPoint>, std::string> read_sweep(const std::string& json);
tl::expected<Disruption, std::string> read_churn(const std::string& json);
tl::expected<std::vector<TierPair>, std::string> read_polarize(const std::string& json);

}  // namespace ecmpd::hash::lab
