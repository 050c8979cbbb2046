// Diffs of tables: against counting by hand, against all residues, and between tables of different kinds.
#include "hash/table_diff.h"

#include <gtest/gtest.h>

#include "hash/home.h"
#include "tests/hash/layout_support.h"

namespace ecmpd::hash {
namespace {

using PerMember = TableDiff::PerMember;

TEST(TableDiff, CountsWhatMovedAndWhatHadTo) {
  const BucketTable before{{0, 0, 1, 1, 2, 2, 0, 1}, Indexing::kLowBits};
  const BucketTable after{{0, 1, 1, 1, 0, 1, 1, 0}, Indexing::kLowBits};
  const auto diff = diff_tables(before, after, {false, false, true});  // 2 left
  EXPECT_TRUE(diff.exact);
  EXPECT_EQ(diff.points, 8u);
  EXPECT_EQ(diff.moved, 5u);
  EXPECT_EQ(diff.minimum, 2u);
  EXPECT_EQ(diff.collateral, 3u);
  EXPECT_EQ(diff.survivors, 6u);
  EXPECT_EQ(diff.survivors_moved, 3u);
  EXPECT_EQ(diff.members, (std::vector<PerMember>{{.before = 3, .after = 3, .gained = 2, .lost = 2},
                                                  {.before = 3, .after = 5, .gained = 3, .lost = 1},
                                                  {.before = 2, .after = 0, .gained = 0, .lost = 2}}));
}

TEST(TableDiff, OfACopiedTableIsNothing) {
  const BucketTable small{{0, 1, 2, 1}, Indexing::kLowBits};
  const BucketTable large{{0, 1, 2, 1, 0, 1, 2, 1}, Indexing::kLowBits};
  for (const auto& diff :
       {diff_tables(small, large, {false, false, false}), diff_tables(large, small, {false, false, false})}) {
    EXPECT_EQ(diff.points, 8u);
    EXPECT_EQ(diff.moved, 0u);
    EXPECT_EQ(diff.members[1], (PerMember{.before = 4, .after = 4}));
  }
}

TEST(TableDiff, OfModuloIsExact) {
  // RFC 2992: (N - 1) / N of all flows move when one of N leaves.
  const BucketTable before{{0, 1, 2, 3, 4}, Indexing::kModulo};
  const BucketTable after{{0, 1, 3, 4}, Indexing::kModulo};
  const auto diff = diff_tables(before, after, {false, false, true, false, false});
  EXPECT_EQ(diff.points, 20u);
  EXPECT_EQ(diff.minimum, 4u);
  uint64_t moved = 0;
  for (uint32_t hash = 0; hash < 20; ++hash) moved += before.owner(hash) != after.owner(hash);
  EXPECT_EQ(diff.moved, moved);
}

TEST(TableDiff, OfHashThresholdIsRfc2992s) {
  // Section 4: removing region K of N moves ((K - 1) K + (N - K)(N - K + 1)) / (2 N (N - 1)) of all flows.
  for (const unsigned n : {2u, 5u, 16u, 63u}) {
    const auto home = Home::build(Selector::kHashThreshold, members_of(n), 0, 7);
    std::vector<bool> all(n, true);
    for (unsigned k = 1; k <= n; ++k) {
      std::vector<bool> changed(n);
      changed[k - 1] = true;
      auto live = all;
      live[k - 1] = false;
      const auto diff = diff_tables(home->table(all), home->table(live), changed);
      ASSERT_TRUE(diff.exact);
      ASSERT_EQ(diff.moved * 2 * n * (n - 1), diff.points * ((k - 1) * k + (n - k) * (n - k + 1))) << k << " of " << n;
      ASSERT_EQ(diff.minimum * n, diff.points);
    }
  }
}

TEST(TableDiff, BetweenKindsComesFromFixedPoints) {
  const BucketTable modulo{{0, 1, 2}, Indexing::kModulo};
  const BucketTable range{{0, 1, 2}, Indexing::kRange};
  const auto diff = diff_tables(modulo, range, {false, false, false});
  EXPECT_FALSE(diff.exact);
  EXPECT_NEAR(diff.fraction(diff.moved), 2.0 / 3, 0.002);
  // Primes near 2^16 have no cells in common worth counting.
  const std::vector<Member> members = members_of(16);
  const auto maglev = [&](uint32_t buckets) { return live_table(Selector::kMaglev, members, buckets, 7); };
  const auto sizes = diff_tables(maglev(32768), maglev(65536), std::vector<bool>(16));
  EXPECT_FALSE(sizes.exact);
  EXPECT_NEAR(sizes.fraction(sizes.moved), 15.0 / 16, 0.002);
}

TEST(TableDiff, OfNothingIsNothing) {
  const auto diff = diff_tables({}, {{0}, Indexing::kLowBits}, {true});
  EXPECT_EQ(diff.points, 0u);
  EXPECT_EQ(diff.fraction(diff.moved), 0);
}

}  // namespace
}  // namespace ecmpd::hash
