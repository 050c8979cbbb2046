// Layouts with unequal weights, and changes of weight.
#include <gtest/gtest.h>

#include "tests/hash/layout_support.h"

namespace ecmpd::hash {
namespace {

double share(const HomeLayout& layout, const IpAddress& subject) {
  double sum = 0;
  for (const auto& member : layout.members()) sum += member.weight;
  return layout.buckets() * (layout.members()[static_cast<size_t>(layout.index_of(subject))].weight / sum);
}

uint32_t owned(const HomeLayout& layout, const IpAddress& subject) {
  const auto owners = owner_addresses(layout, all_up(layout));
  return static_cast<uint32_t>(std::count(owners.begin(), owners.end(), subject));
}

TEST(Weights, AllUpIsExactToOneBucket) {
  Random random(22);
  for (int run = 0; run < 100; ++run) {
    auto members = members_of(1 + random.below(30));
    const uint32_t most = 1 + random.below(50);
    for (auto& member : members) member.weight = static_cast<uint16_t>(1 + random.below(most));
    const auto layout = HomeLayout::build(members, 4096, random.next());
    for (const auto& member : members) {
      ASSERT_NEAR(owned(*layout, member.address), share(*layout, member.address), 1);
    }
  }
}

TEST(Weights, NobodyIsStarved) {
  std::vector<uint16_t> weights(300, 1);
  weights[7] = 65535;
  const auto layout = HomeLayout::build(weighted(weights), 512, 7);
  for (const auto& member : layout->members()) ASSERT_GE(owned(*layout, member.address), 1u);
}

TEST(Weights, ALeaverLeavesInProportion) {
  const auto layout = HomeLayout::build(weighted({1, 2, 3, 4, 5, 10, 20}), 65536, 7);
  for (size_t down = 0; down < 7; ++down) {
    auto live = all_up(*layout);
    live[down] = false;
    ASSERT_LE(deviation(*layout, live), 0.001) << down;
    for (size_t second = 0; second < 7; ++second) {
      auto two = live;
      two[second] = false;
      ASSERT_LE(deviation(*layout, two), 0.005) << down << " and " << second;
    }
  }
}

/// So many members that most of a list is computed: the computed part must know weights as well.
TEST(Weights, HoldInTheComputedPart) {
  auto members = members_of(64);
  for (size_t i = 0; i < 64; ++i) members[i].weight = static_cast<uint16_t>(i % 2 == 0 ? 1 : 4);
  const auto layout = HomeLayout::build(members, 65536, 7);
  std::vector<bool> live(64, false);  // three of four buckets and more are beyond what is stored
  for (const size_t up : {10, 11, 40, 41}) live[up] = true;
  EXPECT_LE(deviation(*layout, live), 0.04);
}

TEST(Weights, AHeavyNewcomerTakesItsShare) {
  auto layout = HomeLayout::build(weighted({1, 2, 3, 4}), 4096, 7);
  for (const uint32_t weight : {1u, 7u, 20u, 100u, 3u}) {
    const Member newcomer{address_of(100 + weight), static_cast<uint16_t>(weight)};
    const auto next = layout->join(newcomer);
    const auto moved =
        moves(owner_addresses(*layout, all_up(*layout)), owner_addresses(*next, all_up(*next)), newcomer.address);
    ASSERT_EQ(moved.others + moved.from, 0u);
    ASSERT_NEAR(moved.to, share(*next, newcomer.address), 1);
    layout = next;
  }
}

/// With all up the subject's count changes by exactly what its quota does, so the moves are as few as they can be;
/// with any set down, a raise moves buckets to the subject only, and a cut moves buckets from it only.
TEST(Reweigh, OnlyTheDifferenceMoves) {
  Random random(23);
  auto layout = HomeLayout::build(weighted({4, 4, 4, 4, 4, 4, 4, 4, 4, 4}), 16384, 7);
  for (int run = 0; run < 100; ++run) {
    const Member old = layout->members()[random.below(10)];
    const Member subject{old.address, static_cast<uint16_t>(1 + random.below(12))};
    const auto next = layout->reweigh(subject);
    ASSERT_EQ(next->members()[static_cast<size_t>(next->index_of(subject.address))], subject);
    ASSERT_EQ(next->buckets(), layout->buckets());

    const auto moved =
        moves(owner_addresses(*layout, all_up(*layout)), owner_addresses(*next, all_up(*next)), subject.address);
    const uint32_t before = owned(*layout, subject.address), after = owned(*next, subject.address);
    ASSERT_EQ(moved.to + moved.from + moved.others, before < after ? after - before : before - after);
    ASSERT_NEAR(after, share(*next, subject.address), 1);
    // The others are exact as far as the next choices of a member that was cut allow; they come closer with each raise.
    ASSERT_LE(deviation(*next, all_up(*next)), 0.1);
    for (int i = 0; i < 10; ++i) {
      const auto live = with_down(*layout, random.below(10), random);
      const auto some = moves(owner_addresses(*layout, live), owner_addresses(*next, live), subject.address);
      ASSERT_EQ(some.others, 0u);
      ASSERT_EQ(subject.weight >= old.weight ? some.from : some.to, 0u);
    }
    layout = next;
  }
}

TEST(Reweigh, StaysEvenWithMembersDown) {
  Random random(24);
  auto layout = HomeLayout::build(members_of(8), 65536, 7);
  for (const uint32_t weight : {3u, 1u, 2u, 8u, 1u}) {
    layout = layout->reweigh({address_of(1 + random.below(8)), static_cast<uint16_t>(weight)});
    for (size_t down = 0; down < 8; ++down) {
      auto live = all_up(*layout);
      live[down] = false;
      ASSERT_LE(deviation(*layout, live), 0.02);
    }
    for (int i = 0; i < 30; ++i) ASSERT_LE(deviation(*layout, with_down(*layout, 4, random)), 0.05);
  }
}

TEST(Reweigh, ToTheSameWeightMovesNothing) {
  const auto layout = HomeLayout::build(members_of(5), 512, 7);
  const auto next = layout->reweigh({address_of(2), 1});
  EXPECT_TRUE(owner_addresses(*next, all_up(*next)) == owner_addresses(*layout, all_up(*layout)));
  const auto alone = HomeLayout::build(members_of(1), 256, 7)->reweigh({address_of(1), 9});
  EXPECT_EQ(alone->members()[0].weight, 9);
  EXPECT_EQ(deviation(*alone, {true}), 0);
}

}  // namespace
}  // namespace ecmpd::hash
