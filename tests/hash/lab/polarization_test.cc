#include "hash/lab/polarization.h"

#include <gtest/gtest.h>

#include <cmath>

#include "hash/random.h"

namespace ecmpd::hash::lab {
namespace {

Tier drawn(Random& random, uint32_t members, size_t flows) {
  Tier tier{members, {}};
  for (size_t i = 0; i < flows; ++i) tier.choices.push_back(static_cast<uint16_t>(random.below(members)));
  return tier;
}

TEST(Polarization, OfIndependentChoicesIsWhatChanceGives) {
  Random random(1);
  double sum = 0;
  unsigned polarized = 0;
  constexpr unsigned kRuns = 200;
  for (unsigned run = 0; run < kRuns; ++run) {
    const Tier tiers[] = {drawn(random, 4, 10'000), drawn(random, 6, 10'000)};
    const Polarization one = polarization(tiers);
    EXPECT_DOUBLE_EQ(one.chance_bits, 3 * 5 / (2 * 10'000 * std::log(2)));
    EXPECT_EQ(one.paths, 24u);
    EXPECT_EQ(one.paths_used, 24u);
    EXPECT_NEAR(one.conditional_entropy_bits, std::log2(6), 0.01);
    sum += one.mutual_information_bits / one.chance_bits;
    polarized += one.verdict == PolarizationVerdict::kPolarized;
  }
  EXPECT_NEAR(sum / kRuns, 1, 5 * std::sqrt(2.0 / 15 / kRuns)) << "chi-square over its degrees of freedom";
  EXPECT_LE(polarized, 3u) << "one in a thousand";
}

TEST(Polarization, OfTheSameChoiceTwiceIsAllOfIt) {
  Tier tier{4, {}};
  for (int i = 0; i < 1000; ++i) tier.choices.push_back(static_cast<uint16_t>(i % 4));
  const Tier tiers[] = {tier, tier};
  const Polarization one = polarization(tiers);
  EXPECT_DOUBLE_EQ(one.mutual_information_bits, 2);
  EXPECT_DOUBLE_EQ(one.most_bits, 2);
  EXPECT_EQ(one.conditional_entropy_bits, 0);
  EXPECT_EQ(one.paths_used, 4u);
  EXPECT_EQ(one.paths, 16u);
  EXPECT_EQ(one.verdict, PolarizationVerdict::kPolarized);
}

/// The third tier repeats the exclusive or of the first two: no pair of tiers shows it, the path does.
TEST(Polarization, SeesDependenceOnTheWholePath) {
  Random random(2);
  const Tier first = drawn(random, 2, 10'000), second = drawn(random, 2, 10'000);
  Tier third{2, {}};
  for (size_t i = 0; i < first.choices.size(); ++i) third.choices.push_back(first.choices[i] ^ second.choices[i]);
  const Tier tiers[] = {first, second, third};
  const Polarization one = polarization(tiers);
  EXPECT_EQ(one.tier, 2u);
  EXPECT_NEAR(one.mutual_information_bits, 1, 0.001);
  EXPECT_EQ(one.paths_used, 4u);
  EXPECT_EQ(one.paths, 8u);
}

TEST(Polarization, FewFlowsSayNothing) {
  Random random(3);
  const Tier tiers[] = {drawn(random, 16, 100), drawn(random, 16, 100)};
  EXPECT_EQ(polarization(tiers).verdict, PolarizationVerdict::kTooFewFlows);
  const Tier one_member[] = {drawn(random, 4, 100), drawn(random, 1, 100)};
  const Polarization none = polarization(one_member);
  EXPECT_EQ(none.mutual_information_bits, 0);
  EXPECT_EQ(none.verdict, PolarizationVerdict::kIndependent);
}

/// Some paths of very many are empty by chance, and each has few flows.
TEST(Polarization, OfManyPathsIsNotSeenWhereThereIsNone) {
  Random random(4);
  unsigned polarized = 0, with_empty = 0;
  for (unsigned run = 0; run < 40; ++run) {
    const bool large = run % 2 == 0;
    const uint32_t members = large ? 128 : 32;
    const size_t flows = large ? 65'536 : 5'200;
    const Tier tiers[] = {drawn(random, members, flows), drawn(random, members, flows)};
    const Polarization one = polarization(tiers);
    with_empty += one.paths_used < one.paths;
    polarized += one.verdict == PolarizationVerdict::kPolarized;
  }
  EXPECT_GE(with_empty, 20u);
  EXPECT_LE(polarized, 1u) << "one in a thousand";
}

/// A path that nothing reaches is found also where it hardly changes the mutual information.
TEST(Polarization, SeesOneEmptyPathOfMany) {
  Random random(5);
  Tier first = drawn(random, 64, 100'000), second = drawn(random, 64, 100'000);
  for (size_t i = 0; i < first.choices.size(); ++i) {
    if (first.choices[i] == 7 && second.choices[i] == 9) second.choices[i] = 10;
  }
  const Tier tiers[] = {first, second};
  const Polarization one = polarization(tiers);
  EXPECT_EQ(one.paths_used + 1, one.paths);
  EXPECT_EQ(one.verdict, PolarizationVerdict::kPolarized);
}

}  // namespace
}  // namespace ecmpd::hash::lab
