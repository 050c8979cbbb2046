// Goodness of fit: are these counts what independent flows, spread in proportion to weights, would give?
//
// Pearson's chi-square, both tails: too uneven says hot spots, too even says that the function maps structure to
// structure (linear functions on sequential traffic). Exact for two members, simulated where fewer than five flows are
// expected on some member, else by the chi-square distribution. Immutable after construction; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace ecmpd::hash::lab {

struct Tails {
  double statistic = 0;
  double upper = 1;  // P(as uneven or more)
  double lower = 1;  // P(as even or more); upper + lower is more than 1 by the chance of exactly this statistic

  double two_sided() const;
  /// Uniform in 0..1 for perfect hashing, near 0 if uneven, near 1 if too even; `tie` is uniform in 0..1 and divides
  /// the chance of exactly this statistic between the two sides.
  double uniform(double tie) const;
};

/// Sum of (count - expected)^2 / expected over the members with a weight.
double chi_square(std::span<const uint64_t> counts, std::span<const uint32_t> weights);

/// What perfect hashing of `flows` flows to members with these weights (at least one above 0) would give.
class PerfectHashing {
 public:
  enum class Method : uint8_t { kChiSquare, kBinomial, kSimulated };

  PerfectHashing(uint64_t flows, std::span<const uint32_t> weights, uint64_t seed);

  Method method() const { return method_; }
  /// `counts` sum to `flows`; one for each weight. All mass on members of weight 0 is a certain failure.
  Tails tails(std::span<const uint64_t> counts) const;

 private:
  Tails binomial(std::span<const uint64_t> counts) const;
  Tails simulated(double statistic) const;

  uint64_t flows_;
  std::vector<uint32_t> weights_;
  std::vector<size_t> weighted_;  // indexes of members with a weight
  Method method_;
  std::vector<double> statistics_;  // simulated, sorted
};

/// "chi-square", "exact binomial" or "simulated".
std::string_view to_string(PerfectHashing::Method method);

}  // namespace ecmpd::hash::lab
