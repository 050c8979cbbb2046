#include "hash/lab/goodness.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "hash/lab/probability.h"
#include "hash/random.h"

namespace ecmpd::hash::lab {
namespace {

constexpr double kLeastExpected = 5;  // below, the chi-square distribution is not the statistic's
constexpr uint64_t kDraws = 20'000'000;
constexpr double kEqual = 1e-9;  // relative: statistics that differ by rounding only are ties

uint64_t sum(std::span<const uint32_t> weights) { return std::accumulate(weights.begin(), weights.end(), uint64_t{0}); }

std::vector<double> simulate(uint64_t flows, std::span<const uint32_t> weights, uint64_t seed) {
  std::vector<uint16_t> owners;
  for (size_t i = 0; i < weights.size(); ++i) owners.insert(owners.end(), weights[i], static_cast<uint16_t>(i));
  const uint64_t rounds = std::clamp<uint64_t>(kDraws / flows, 999, 9999);
  Random random(seed);
  std::vector<double> statistics;
  std::vector<uint64_t> counts(weights.size());
  for (uint64_t round = 0; round < rounds; ++round) {
    std::fill(counts.begin(), counts.end(), 0);
    for (uint64_t i = 0; i < flows; ++i) ++counts[owners[random.below(static_cast<uint32_t>(owners.size()))]];
    statistics.push_back(chi_square(counts, weights));
  }
  std::sort(statistics.begin(), statistics.end());
  return statistics;
}

}  // namespace

double Tails::two_sided() const { return std::min(1.0, 2 * std::min(upper, lower)); }

double Tails::uniform(double tie) const {
  const double above = 1 - lower;
  return above + tie * std::max(0.0, upper - above);
}

double chi_square(std::span<const uint64_t> counts, std::span<const uint32_t> weights) {
  assert(counts.size() == weights.size());
  const auto flows = static_cast<double>(std::accumulate(counts.begin(), counts.end(), uint64_t{0}));
  const auto total = static_cast<double>(sum(weights));
  double statistic = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (weights[i] == 0) continue;
    const double expected = flows * weights[i] / total;
    const double difference = static_cast<double>(counts[i]) - expected;
    statistic += difference * difference / expected;
  }
  return statistic;
}

PerfectHashing::PerfectHashing(uint64_t flows, std::span<const uint32_t> weights, uint64_t seed)
    : flows_(flows), weights_(weights.begin(), weights.end()) {
  for (size_t i = 0; i < weights_.size(); ++i) {
    if (weights_[i] > 0) weighted_.push_back(i);
  }
  assert(!weighted_.empty() && flows > 0);
  uint32_t least = UINT32_MAX;
  for (const size_t i : weighted_) least = std::min(least, weights_[i]);
  const double expected = static_cast<double>(flows) * least / static_cast<double>(sum(weights_));
  method_ = weighted_.size() == 2       ? Method::kBinomial
            : expected < kLeastExpected ? Method::kSimulated
                                        : Method::kChiSquare;
  if (method_ == Method::kSimulated && weighted_.size() > 1) statistics_ = simulate(flows, weights_, seed);
}

Tails PerfectHashing::tails(std::span<const uint64_t> counts) const {
  uint64_t counted = 0;
  for (const size_t i : weighted_) counted += counts[i];
  if (counted != flows_) return {HUGE_VAL, 0, 1};  // somebody without a share has flows
  if (weighted_.size() == 1) return {};
  if (method_ == Method::kBinomial) return binomial(counts);
  const double statistic = chi_square(counts, weights_);
  if (method_ == Method::kSimulated) return simulated(statistic);
  const double upper = chi_square_upper(statistic, static_cast<unsigned>(weighted_.size() - 1));
  return {statistic, upper, 1 - upper};
}

/// As uneven as counts: as far from the expectation, on either side.
Tails PerfectHashing::binomial(std::span<const uint64_t> counts) const {
  const double chance = static_cast<double>(weights_[weighted_[0]]) / static_cast<double>(sum(weights_));
  const auto count = static_cast<int64_t>(counts[weighted_[0]]);
  const double expected = static_cast<double>(flows_) * chance;
  const double mirrored = 2 * expected - static_cast<double>(count);
  const bool above = static_cast<double>(count) >= expected;
  const auto nearest = static_cast<int64_t>(std::llround(mirrored));
  const bool tie = std::abs(mirrored - static_cast<double>(nearest)) <= kEqual * static_cast<double>(flows_);
  // The mirrored side's counts that are as far out: up to (or from) this one; further out: without a tie.
  const auto bound = tie     ? nearest
                     : above ? static_cast<int64_t>(std::floor(mirrored))
                             : static_cast<int64_t>(std::ceil(mirrored));
  const double statistic = chi_square(counts, weights_);
  if (tie && nearest == count)
    return {statistic, 1, binomial_upper(flows_, chance, count) - binomial_upper(flows_, chance, count + 1)};
  const int64_t low = above ? bound : count;
  const int64_t high = above ? count : bound;
  const double upper = binomial_lower(flows_, chance, low) + binomial_upper(flows_, chance, high);
  const int64_t beyond_low = !above || tie ? low - 1 : low;
  const int64_t beyond_high = above || tie ? high + 1 : high;
  const double beyond = binomial_lower(flows_, chance, beyond_low) + binomial_upper(flows_, chance, beyond_high);
  return {statistic, std::min(1.0, upper), 1 - beyond};
}

/// Monte Carlo p-values: the observation counts as one of the simulated.
Tails PerfectHashing::simulated(double statistic) const {
  const double slack = kEqual * std::max(1.0, statistic);
  const auto below = std::lower_bound(statistics_.begin(), statistics_.end(), statistic - slack) - statistics_.begin();
  const auto up_to = std::upper_bound(statistics_.begin(), statistics_.end(), statistic + slack) - statistics_.begin();
  const auto all = static_cast<double>(statistics_.size());
  return {statistic, (all - static_cast<double>(below) + 1) / (all + 1), (static_cast<double>(up_to) + 1) / (all + 1)};
}

std::string_view to_string(PerfectHashing::Method method) {
  switch (method) {
    case PerfectHashing::Method::kBinomial:
      return "exact binomial";
    case PerfectHashing::Method::kSimulated:
      return "simulated";
    case PerfectHashing::Method::kChiSquare:
      break;
  }
  return "chi-square";
}

}  // namespace ecmpd::hash::lab
