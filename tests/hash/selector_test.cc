#include "hash/selector.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <numeric>

#include "hash/unit_table.h"
#include "tests/hash/layout_support.h"

namespace ecmpd::hash {
namespace {

using Shares = std::vector<uint32_t>;
using Table = std::vector<uint16_t>;

TEST(LargestRemainder, GivesExactShares) {
  EXPECT_EQ(largest_remainder(Shares{1, 1, 1, 1, 1}, 8), (Shares{2, 2, 2, 1, 1}));
  EXPECT_EQ(largest_remainder(Shares{1, 2, 3}, 100), (Shares{17, 33, 50}));
  EXPECT_EQ(largest_remainder(Shares{5, 0, 1}, 12), (Shares{10, 0, 2}));
  EXPECT_EQ(largest_remainder(Shares{3, 3}, 0), (Shares{0, 0}));
  EXPECT_EQ(largest_remainder(Shares{0, 0}, 9), (Shares{0, 0}));
  EXPECT_EQ(largest_remainder(Shares{}, 9), (Shares{}));
  EXPECT_EQ(largest_remainder(Shares{UINT32_MAX, UINT32_MAX}, UINT32_MAX), (Shares{1u << 31, (1u << 31) - 1}));
}

TEST(LargestRemainder, SumsUpAndStaysWithinOne) {
  Random random(11);
  for (int i = 0; i < 3000; ++i) {
    Shares weights(1 + random.below(40));
    for (auto& weight : weights) weight = random.below(1 + random.below(70000));
    const uint32_t total = random.below(70000);
    const auto shares = largest_remainder(weights, total);
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    ASSERT_EQ(std::accumulate(shares.begin(), shares.end(), uint64_t{0}), sum == 0 ? 0 : total);
    for (size_t k = 0; k < shares.size() && sum != 0; ++k) {
      ASSERT_LT(std::abs(shares[k] - total * (weights[k] / sum)), 1);
    }
  }
}

TEST(Shares, NobodyIsStarved) {
  Shares shares{0, 5, 0, 3};
  lift_to_one(shares);
  EXPECT_EQ(shares, (Shares{1, 3, 1, 3}));
  Random random(12);
  const auto quotas = bucket_quotas(weighted({65535, 1, 1, 65535}), 256, random);
  EXPECT_EQ(quotas, (Shares{127, 1, 1, 127}));
}

TEST(Shares, WhatIsLeftOverDoesNotAlwaysGoToTheSame) {
  Shares extra(3);
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Random random(seed);
    const auto quotas = bucket_quotas(members_of(3), 256, random);
    for (size_t i = 0; i < 3; ++i) extra[i] += quotas[i] - 85;
  }
  for (const uint32_t count : extra) EXPECT_NEAR(count, 100, 40);
}

TEST(WorstDeviation, IsRelativeToTheExactShare) {
  EXPECT_EQ(worst_deviation(Table{0, 1, 0, 1}, members_of(2)), 0);
  EXPECT_DOUBLE_EQ(worst_deviation(Table{0, 0, 0, 1}, members_of(2)), 0.5);
  EXPECT_DOUBLE_EQ(worst_deviation(Table{0, 0, 0, 1}, weighted({3, 1})), 0);
  EXPECT_DOUBLE_EQ(worst_deviation(Table{0, 1, 0, 1}, weighted({3, 1})), 1);
  EXPECT_DOUBLE_EQ(worst_deviation(Table{0, 0, 0, 0}, members_of(2)), 1) << "a starved member";
  EXPECT_EQ(worst_deviation(Table{0, 0}, weighted({1, 0})), 0);
  EXPECT_TRUE(std::isinf(worst_deviation(Table{0, 1}, weighted({1, 0}))));
}

TEST(UnitTable, IsOneEntryAUnitOfWeight) {
  EXPECT_EQ(unit_table(members_of(3)), (Table{0, 1, 2}));
  EXPECT_EQ(unit_table(weighted({20, 30, 10})), (Table{0, 0, 1, 1, 1, 2}));
  EXPECT_EQ(unit_table(weighted({7})), (Table{0}));
}

TEST(UnitTable, IsScaledDownWhenWeightsAreHuge) {
  const auto members = weighted({65535, 65534, 1});
  const auto table = unit_table(members);
  EXPECT_EQ(table.size(), kMaxBuckets);
  EXPECT_EQ(std::count(table.begin(), table.end(), 2), 1);
  const auto half = std::count(table.begin(), table.end(), 0);
  EXPECT_NEAR(static_cast<double>(half), 32768, 1);
}

TEST(Selector, HasOneNameEach) {
  for (const Selector selector : kSelectors) EXPECT_EQ(parse_selector(to_string(selector)), selector);
  EXPECT_FALSE(parse_selector(""));
  EXPECT_FALSE(parse_selector("Modulo"));
}

TEST(BucketIndex, IsWithinTheTable) {
  EXPECT_EQ(bucket_index(0xffffffff, 3, Indexing::kModulo), 0u);
  EXPECT_EQ(bucket_index(0x12345678, 256, Indexing::kLowBits), 0x78u);
  EXPECT_EQ(bucket_index(0, 3, Indexing::kRange), 0u);
  EXPECT_EQ(bucket_index(0x55555555, 3, Indexing::kRange), 0u);
  EXPECT_EQ(bucket_index(0x55555556, 3, Indexing::kRange), 1u);
  EXPECT_EQ(bucket_index(0xffffffff, 65537, Indexing::kRange), 65536u);
  for (const Indexing indexing : {Indexing::kLowBits, Indexing::kModulo, Indexing::kRange}) {
    EXPECT_EQ(bucket_index(0xffffffff, 1, indexing), 0u);
  }
}

TEST(BucketIndex, IsBucketIndexWithoutADivision) {
  constexpr Indexing kAll[] = {Indexing::kLowBits, Indexing::kModulo, Indexing::kRange};
  Random random(15);
  std::vector<uint32_t> sizes = {1, 2, 3, 5, 7, 251, 256, 641, 65536, 65537, 0x7fffffff, 0x80000000, 0xffffffff};
  for (int i = 0; i < 1000; ++i) sizes.push_back(1 + random.below(1u << (1 + i % 31)));
  for (const uint32_t size : sizes) {
    const uint32_t last = size * (0xffffffff / size);  // where the fraction's error is largest
    std::vector<uint32_t> hashes = {0,    1,        size - 1,   size,       size + 1,  last - 1,
                                    last, last + 1, 0x7fffffff, 0x80000000, 0xffffffff};
    // Around the multiples of the size, where a fraction that is not exact would slip.
    for (int i = 0; i < 300; ++i) {
      const uint32_t multiple = size * random.below(0xffffffff / size);
      hashes.insert(hashes.end(), {multiple - 1, multiple, multiple + 1, random.below(0xffffffff)});
    }
    for (const Indexing indexing : kAll) {
      if (indexing == Indexing::kLowBits && !std::has_single_bit(size)) continue;
      const BucketIndex ready(size, indexing);
      for (const uint32_t hash : hashes)
        ASSERT_EQ(ready(hash), bucket_index(hash, size, indexing)) << hash << " " << size;
    }
  }
}

}  // namespace
}  // namespace ecmpd::hash
