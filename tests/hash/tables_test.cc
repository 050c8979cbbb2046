// The tables of maglev and rendezvous, and the models of other routers' fills against what is known of those.
#include <gtest/gtest.h>

#include <algorithm>

#include "hash/maglev.h"
#include "hash/model_tables.h"
#include "hash/rendezvous.h"
#include "tests/hash/layout_support.h"

namespace ecmpd::hash {
namespace {

using Counts = std::vector<uint32_t>;

Counts counts(const std::vector<uint16_t>& table, size_t members) {
  Counts out(members);
  for (const uint16_t owner : table) ++out.at(owner);
  return out;
}

double max_over_mean(const std::vector<uint16_t>& table, size_t members) {
  const auto owned = counts(table, members);
  return *std::max_element(owned.begin(), owned.end()) * static_cast<double>(members) /
         static_cast<double>(table.size());
}

TEST(Maglev, SizesArePrime) {
  EXPECT_EQ(maglev_size(65536), 65537u);
  EXPECT_EQ(maglev_size(64), 67u);
  EXPECT_EQ(maglev_size(1), 2u);
  EXPECT_EQ(maglev_size(1024), 1031u);
}

TEST(Maglev, SharesAreThoseOfLargestRemainder) {
  Random random(21);
  for (int i = 0; i < 40; ++i) {
    std::vector<uint16_t> weights(1 + random.below(30));
    for (auto& weight : weights) weight = static_cast<uint16_t>(1 + random.below(1 + random.below(60)));
    const auto members = weighted(weights);
    const uint32_t size = maglev_size(4096);
    const auto owned = counts(maglev_table(members, size, random.next()), members.size());
    double sum = 0;
    for (const uint16_t weight : weights) sum += weight;
    for (size_t k = 0; k < weights.size(); ++k) ASSERT_LT(std::abs(owned[k] - size * weights[k] / sum), 1);
  }
}

TEST(Maglev, NobodyIsStarved) {
  const auto members = weighted({65535, 65535, 1});
  const auto owned = counts(maglev_table(members, 1031, 7), 3);
  EXPECT_EQ(owned[2], 1u);
  EXPECT_EQ(owned[0] + owned[1], 1030u);
}

TEST(Maglev, WhatIsLeftOverDoesNotAlwaysGoToTheSame) {
  Counts extra(3);
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const auto owned = counts(maglev_table(members_of(3), 67, seed), 3);
    for (size_t i = 0; i < 3; ++i) extra[i] += owned[i] - 22;
  }
  for (const uint32_t count : extra) EXPECT_NEAR(count, 100, 40);
}

TEST(Rendezvous, TableGoesByWeights) {
  const auto members = weighted({1, 2, 5});
  const auto owned = counts(rendezvous_table(members, 65536, 7), 3);
  for (size_t i = 0; i < 3; ++i) EXPECT_NEAR(owned[i], 8192 * members[i].weight, 4 * 128);  // 4 standard deviations
}

TEST(Rendezvous, ANewcomerOnlyTakes) {
  const auto before = rendezvous_table(weighted({1, 2, 5}), 4096, 7);
  const auto after = rendezvous_table(weighted({1, 2, 5, 3}), 4096, 7);
  uint32_t taken = 0;
  for (size_t i = 0; i < before.size(); ++i) {
    if (after[i] == before[i]) continue;
    ASSERT_EQ(after[i], 3);
    ++taken;
  }
  EXPECT_NEAR(taken, 4096 * 3.0 / 11, 4 * 28.5);
}

TEST(VppModel, GivesOnePathAllThatIsLeftOver) {
  EXPECT_EQ(counts(vpp_table(members_of(3)), 3), (Counts{6, 5, 5}));
  EXPECT_EQ(counts(vpp_table(members_of(4)), 4), (Counts{1, 1, 1, 1}));
  EXPECT_EQ(counts(vpp_table(members_of(6)), 6), (Counts{7, 5, 5, 5, 5, 5}));
  const std::vector<std::pair<unsigned, double>> known = {{5, 1.25},  {6, 1.31},  {12, 1.69}, {20, 2.19}, {24, 2.44},
                                                          {48, 3.94}, {63, 1.97}, {64, 1.00}, {100, 3.32}};
  for (const auto& [n, excess] : known) EXPECT_NEAR(max_over_mean(vpp_table(members_of(n)), n), excess, 0.005) << n;
}

TEST(VppModel, GrowsUntilTheSmallestWeightHasABucket) {
  const auto members = weighted({1000, 1});
  const auto owned = counts(vpp_table(members), 2);
  EXPECT_EQ(owned[1], 1u);
  EXPECT_EQ(owned[0], 511u);
  EXPECT_EQ(vpp_table(weighted({65535, 1})).size(), 8192u) << "no larger, whoever starves";
}

TEST(GroutModel, StarvesTheLast) {
  EXPECT_EQ(counts(grout_table(members_of(5)), 5), (Counts{2, 2, 2, 2, 0}));
  EXPECT_EQ(counts(grout_table(members_of(3)), 3), (Counts{2, 2, 0}));
  EXPECT_EQ(counts(grout_table(members_of(8)), 8), Counts(8, 1));
  EXPECT_EQ(counts(grout_table(weighted({2, 4, 2})), 3), (Counts{1, 2, 1}));
}

}  // namespace
}  // namespace ecmpd::hash
