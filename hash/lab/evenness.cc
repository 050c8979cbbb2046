#include "hash/lab/evenness.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <numeric>

#include "hash/lab/probability.h"
#include "hash/random.h"

namespace ecmpd::hash::lab {
namespace {

constexpr unsigned kRounds = 499;
constexpr size_t kLarge = 4096;  // so many of the largest units are thrown one by one; the others are normal noise

double to_real(uint64_t number) { return static_cast<double>(number); }

/// Uniform in 0..1, neither of them.
double draw_open(Random& random) { return (to_real(random.next() >> 11) + 0.5) * 0x1p-53; }

/// Throws units onto members again and again.
class Thrower {
 public:
  Thrower(std::span<const uint64_t> sizes, std::span<const uint32_t> weights, uint64_t seed)
      : random_(seed), large_(std::min(sizes.size(), kLarge)) {
    std::partial_sort_copy(sizes.begin(), sizes.end(), large_.begin(), large_.end(), std::greater<>());
    for (const uint64_t size : sizes) total_ += to_real(size), squares_ += to_real(size) * to_real(size);
    rest_ = total_;
    for (const uint64_t size : large_) rest_ -= to_real(size), squares_ -= to_real(size) * to_real(size);
    const auto sum = to_real(std::accumulate(weights.begin(), weights.end(), uint64_t{0}));
    uint64_t running = 0;
    for (const uint32_t weight : weights) {
      shares_.push_back(weight / sum);
      bounds_.push_back(running += weight);
    }
  }

  double max_mean() {
    std::vector<double> loads(shares_.size());
    for (const uint64_t size : large_) loads[draw_member()] += to_real(size);
    if (large_.size() == kLarge) add_noise(loads);
    double most = 0;
    for (size_t i = 0; i < loads.size(); ++i) most = std::max(most, loads[i] / (shares_[i] * total_));
    return most;
  }

 private:
  size_t draw_member() {
    const uint64_t drawn = random_.below(static_cast<uint32_t>(bounds_.back()));
    return static_cast<size_t>(std::upper_bound(bounds_.begin(), bounds_.end(), drawn) - bounds_.begin());
  }

  /// The multinomial's normal limit: independent of variance p_i each, then what the sum has too much is taken back in
  /// proportion, which leaves the variances p_i (1 - p_i) and the covariances -p_i p_j.
  void add_noise(std::vector<double>& loads) {
    const double scale = std::sqrt(std::max(0.0, squares_));
    std::vector<double> noise;
    double sum = 0;
    for (const double share : shares_) {
      noise.push_back(std::sqrt(share) * normal_quantile(draw_open(random_)));
      sum += noise.back();
    }
    for (size_t i = 0; i < loads.size(); ++i) {
      loads[i] += shares_[i] * rest_ + scale * (noise[i] - shares_[i] * sum);
    }
  }

  Random random_;
  std::vector<uint64_t> large_;
  double total_ = 0;
  double squares_ = 0;  // of the rest
  double rest_ = 0;
  std::vector<double> shares_;
  std::vector<uint64_t> bounds_;
};

}  // namespace

Evenness evenness(std::span<const uint64_t> loads, std::span<const uint32_t> weights) {
  assert(loads.size() == weights.size());
  const double total = to_real(std::accumulate(loads.begin(), loads.end(), uint64_t{0}));
  const double sum = to_real(std::accumulate(weights.begin(), weights.end(), uint64_t{0}));
  Evenness result;
  double squares = 0;
  for (size_t i = 0; i < loads.size(); ++i) {
    const double ratio = to_real(loads[i]) * sum / (weights[i] * total);
    squares += (ratio - 1) * (ratio - 1);
    result.max_mean = std::max(result.max_mean, ratio);
  }
  result.cov = std::sqrt(squares / to_real(loads.size()));
  return result;
}

double effective_units(std::span<const uint64_t> sizes) {
  double sum = 0;
  double squares = 0;
  for (const uint64_t size : sizes) sum += to_real(size), squares += to_real(size) * to_real(size);
  return squares > 0 ? sum * sum / squares : 0;
}

IdealEvenness ideal_evenness(std::span<const uint64_t> sizes, std::span<const uint32_t> weights, uint64_t seed) {
  const double units = effective_units(sizes);
  const double sum = to_real(std::accumulate(weights.begin(), weights.end(), uint64_t{0}));
  double variance = 0;
  for (const uint32_t weight : weights) variance += (sum - weight) / (weight * units);
  Thrower thrower(sizes, weights, seed);
  std::vector<double> thrown;
  for (unsigned round = 0; round < kRounds; ++round) thrown.push_back(thrower.max_mean());
  std::sort(thrown.begin(), thrown.end());
  return {std::sqrt(variance / to_real(weights.size())), thrown[kRounds / 2], thrown[kRounds - kRounds / 100 - 1]};
}

}  // namespace ecmpd::hash::lab
