// Layouts built at once: what they are a function of, and how even they are.
#include <gtest/gtest.h>
#include <xxhash.h>

#include <set>

#include "tests/hash/layout_support.h"

namespace ecmpd::hash {
namespace {

TEST(AutoBuckets, SixtyFourAMember) {
  EXPECT_EQ(HomeLayout::auto_buckets(members_of(1)), 256u);
  EXPECT_EQ(HomeLayout::auto_buckets(members_of(4)), 256u);
  EXPECT_EQ(HomeLayout::auto_buckets(members_of(5)), 512u);
  EXPECT_EQ(HomeLayout::auto_buckets(members_of(16)), 1024u);
  EXPECT_EQ(HomeLayout::auto_buckets(members_of(1024)), 65536u);
  EXPECT_EQ(HomeLayout::auto_buckets(weighted({10, 10})), 256u) << "equal weights are one unit each";
  EXPECT_EQ(HomeLayout::auto_buckets(weighted({1, 31})), 2048u);
  EXPECT_EQ(HomeLayout::auto_buckets(weighted({1, 65535})), 65536u);
}

TEST(Build, AllUpIsExactToOneBucket) {
  for (const unsigned n : {1, 2, 3, 5, 6, 7, 9, 16, 24, 64, 1000, 1024}) {
    const auto members = members_of(n);
    const uint32_t automatic = HomeLayout::auto_buckets(members);
    for (const uint32_t buckets : {automatic, kMaxBuckets}) {
      const auto layout = HomeLayout::build(members, buckets, 7);
      std::vector<uint32_t> counts(n);
      for (const uint16_t owner : layout->owners(all_up(*layout))) ++counts[owner];
      for (const uint32_t count : counts) ASSERT_TRUE(count == buckets / n || count == buckets / n + 1) << n;
      ASSERT_LE(deviation(*layout, all_up(*layout)), static_cast<double>(n) / buckets);
    }
  }
}

TEST(Build, SmallestTables) {
  const auto one = HomeLayout::build(members_of(1), 1, 7);
  EXPECT_EQ(one->owners({true}), std::vector<uint16_t>{0});
  const auto full = HomeLayout::build(members_of(8), 8, 7);  // one bucket each
  EXPECT_EQ(deviation(*full, all_up(*full)), 0);
  for (uint32_t bucket = 0; bucket < 8; ++bucket) EXPECT_EQ(full->preference(bucket, 99).size(), 8u);
}

/// Largest share over the exact share, at worst over `tries` random live sets.
struct Evenness {
  unsigned n, buckets, down;
  double worst;
};

TEST(Build, StaysEvenWithMembersDown) {
  for (const auto& [n, buckets, down, worst] : {Evenness{8, 65536, 1, 1.0002},
                                                {8, 65536, 2, 1.0004},
                                                {8, 65536, 4, 1.0010},
                                                {16, 65536, 1, 1.0003},
                                                {16, 65536, 2, 1.0010},
                                                {16, 65536, 8, 1.0100},
                                                {64, 65536, 1, 1.0010},
                                                {64, 65536, 2, 1.0035},
                                                {64, 65536, 32, 1.0500},
                                                {16, 16384, 2, 1.0030}}) {
    const auto layout = HomeLayout::build(members_of(n), buckets, 7);
    Random random(13);
    for (int i = 0; i < 30; ++i) {
      const auto live = with_down(*layout, down, random);
      std::vector<uint32_t> counts(n);
      for (const uint16_t owner : layout->owners(live)) ++counts[owner];
      const double share = *std::max_element(counts.begin(), counts.end()) * double(n - down) / buckets;
      ASSERT_LE(share, worst) << n << " members, " << buckets << " buckets, " << down << " down";
    }
  }
}

TEST(Build, IsAFunctionOfTheSetAndTheSeed) {
  auto members = members_of(24);
  const auto layout = HomeLayout::build(members, 2048, 7);
  Random random(14);
  for (int i = 0; i < 5; ++i) {
    random.shuffle(std::span(members));
    const auto again = HomeLayout::build(members, 2048, 7);
    ASSERT_EQ(again->lineage(), layout->lineage());
    for (uint32_t bucket = 0; bucket < 2048; ++bucket) {
      ASSERT_EQ(again->preference(bucket, 24), layout->preference(bucket, 24));
    }
  }
  const auto other = HomeLayout::build(members, 2048, 8);
  const auto moved = moves(owner_addresses(*layout, all_up(*layout)), owner_addresses(*other, all_up(*other)), {});
  EXPECT_NEAR(moved.others, 2048 * 23 / 24.0, 100) << "another seed is another layout";
}

TEST(Build, PreferenceIsAPermutationThatOwnersFollow) {
  Random random(15);
  for (const unsigned n : {2, 3, 7, 40, 300}) {
    const auto members = members_of(n);
    const auto layout = HomeLayout::build(members, HomeLayout::auto_buckets(members), 7);
    for (unsigned down = 0; down < n; down += 1 + n / 9) {
      const auto live = with_down(*layout, down, random);
      const auto owners = layout->owners(live);
      for (int i = 0; i < 50; ++i) {
        const uint32_t bucket = random.below(layout->buckets());
        const auto list = layout->preference(bucket, n + 5);
        ASSERT_EQ(std::set<uint16_t>(list.begin(), list.end()).size(), n);
        const auto first = std::find_if(list.begin(), list.end(), [&](uint16_t member) { return live[member]; });
        ASSERT_EQ(owners[bucket], *first);
        const auto begin = layout->preference(bucket, 2);
        ASSERT_TRUE(begin.size() == 2 && std::equal(begin.begin(), begin.end(), list.begin()));
      }
    }
  }
}

TEST(Build, IndexesFollowAddresses) {
  const auto layout = HomeLayout::build(members_of(5, 10), 512, 7);
  EXPECT_EQ(layout->index_of(address_of(10)), 0);
  EXPECT_EQ(layout->index_of(address_of(14)), 4);
  EXPECT_EQ(layout->index_of(address_of(15)), -1);
  EXPECT_EQ(layout->index_of(address_of(9)), -1);
}

/// Tables must be the same on every machine, and must not change from one release to the next: flows would move.
TEST(Build, IsTheSameEverywhere) {
  const auto fingerprint = [](const HomeLayout& layout, const std::vector<bool>& live) {
    std::vector<uint8_t> bytes;
    for (const uint16_t owner : layout.owners(live)) {
      bytes.push_back(static_cast<uint8_t>(owner));
      bytes.push_back(static_cast<uint8_t>(owner >> 8));
    }
    return XXH32(bytes.data(), bytes.size(), 0);
  };
  auto layout = HomeLayout::build(weighted({1, 2, 3, 5, 8, 13, 21}), 4096, 7);
  layout = layout->join({address_of(99), 4})->reweigh({address_of(3), 9})->reweigh({address_of(6), 2});
  layout = layout->strike(address_of(2));
  EXPECT_EQ(fingerprint(*layout, all_up(*layout)), 42741921u);
  EXPECT_EQ(fingerprint(*layout, {true, false, false, false, false, true, false}), 921242562u);
}

}  // namespace
}  // namespace ecmpd::hash
