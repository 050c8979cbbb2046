#include "hash/lab/polarization.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

#include "hash/lab/measure.h"
#include "hash/lab/probability.h"

namespace ecmpd::hash::lab {
namespace {

constexpr uint64_t kFewestFlowsAPath = 5;

double entropy_bits(std::span<const uint64_t> counts, double sum) {
  double out = 0;
  for (const uint64_t count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / sum;
    out -= share * std::log2(share);
  }
  return out;
}

/// Pearson's test of a table of paths and choices. Not the G-test, whose statistic is the mutual information itself: it
/// grows beyond its distribution when there are few flows a path, so that with thousands of paths chance alone fails.
double independence_p(std::span<const uint64_t> joint, std::span<const uint64_t> of_path,
                      std::span<const uint64_t> of_choice, double sum) {
  const auto used = [](std::span<const uint64_t> counts) {
    return counts.size() - static_cast<size_t>(std::count(counts.begin(), counts.end(), 0u));
  };
  const size_t freedom = (used(of_path) - 1) * (used(of_choice) - 1);
  if (freedom == 0) return 1;
  double statistic = 0;
  for (size_t i = 0; i < joint.size(); ++i) {
    const double expected =
        static_cast<double>(of_path[i / of_choice.size()]) * static_cast<double>(of_choice[i % of_choice.size()]) / sum;
    if (expected == 0) continue;
    const double difference = static_cast<double>(joint[i]) - expected;
    statistic += difference * difference / expected;
  }
  return chi_square_upper(statistic, static_cast<unsigned>(freedom));
}

/// The probability that chance leaves at least `empty` of `paths` without a flow: about a Poisson variable's.
double empty_p(uint64_t empty, uint64_t paths, uint64_t flows) {
  if (empty == 0) return 1;
  const auto all = static_cast<double>(paths);
  const double mean = all * std::exp(-static_cast<double>(flows) / all);
  return 1 - chi_square_upper(2 * mean, static_cast<unsigned>(2 * empty));
}

/// What a tier's choice has in common with the path before it.
struct Dependence {
  double mutual_information = 0, chance = 0, conditional_entropy = 0, p = 1;
};

/// `joint` counts flows by path * members + choice.
Dependence dependence(std::span<const uint64_t> joint, uint32_t members) {
  std::vector<uint64_t> of_path(joint.size() / members), of_choice(members);
  uint64_t flows = 0;
  for (size_t i = 0; i < joint.size(); ++i) {
    of_path[i / members] += joint[i];
    of_choice[i % members] += joint[i];
    flows += joint[i];
  }
  const auto sum = static_cast<double>(flows);
  const double path = entropy_bits(of_path, sum), both = entropy_bits(joint, sum);
  const double freedom = static_cast<double>(of_path.size() - 1) * (members - 1);
  Dependence out;
  out.conditional_entropy = std::max(both - path, 0.0);
  out.mutual_information = path + entropy_bits(of_choice, sum) - both;
  if (out.mutual_information < 1e-12) out.mutual_information = 0;  // what is left of a difference of equals
  out.chance = freedom / (2 * sum * std::numbers::ln2);
  out.p = independence_p(joint, of_path, of_choice, sum);
  return out;
}

}  // namespace

std::string_view to_string(PolarizationVerdict verdict) {
  switch (verdict) {
    case PolarizationVerdict::kPolarized:
      return "polarized";
    case PolarizationVerdict::kTooFewFlows:
      return "too few flows";
    case PolarizationVerdict::kIndependent:
      break;
  }
  return "independent";
}

Polarization polarization(std::span<const Tier> tiers) {
  assert(tiers.size() >= 2);
  Polarization out;
  std::vector<uint64_t> joint;
  std::vector<uint32_t> path(tiers[0].choices.begin(), tiers[0].choices.end());
  out.paths = tiers[0].members;
  out.p = 2;
  for (size_t t = 1; t < tiers.size(); ++t) {
    const Tier& tier = tiers[t];
    assert(tier.choices.size() == path.size());
    out.paths *= tier.members;
    assert(out.paths <= kMostPaths);
    joint.assign(out.paths, 0);
    for (size_t i = 0; i < path.size(); ++i) ++joint[path[i] = path[i] * tier.members + tier.choices[i]];
    const Dependence one = dependence(joint, tier.members);
    const bool worse = one.p < out.p || (one.p == out.p && one.mutual_information > out.mutual_information_bits);
    if (!worse) continue;
    out.tier = t;
    out.mutual_information_bits = one.mutual_information;
    out.chance_bits = one.chance;
    out.conditional_entropy_bits = one.conditional_entropy;
    out.most_bits = std::log2(static_cast<double>(tier.members));
    out.p = one.p;
  }
  out.paths_used = joint.size() - static_cast<uint64_t>(std::count(joint.begin(), joint.end(), 0u));
  const uint64_t empty = out.paths - out.paths_used;
  const double level = kSignificance / static_cast<double>(tiers.size() - 1);  // p is the least of so many
  if (out.p < level || empty_p(empty, out.paths, path.size()) < kSignificance) {
    out.verdict = PolarizationVerdict::kPolarized;
  } else if (empty > 0 && path.size() < kFewestFlowsAPath * out.paths) {
    out.verdict = PolarizationVerdict::kTooFewFlows;
  }
  return out;
}

}  // namespace ecmpd::hash::lab
