// What moves when members leave, return, join, are struck or change weight: the buckets concerned and no others.
#include <gtest/gtest.h>

#include "tests/hash/layout_support.h"

namespace ecmpd::hash {
namespace {

TEST(Live, ALeaveMovesTheLeaversBucketsOnlyAndAReturnUndoesIt) {
  for (const unsigned n : {2, 3, 6, 16, 64}) {
    const auto layout = HomeLayout::build(members_of(n), 4096, 7);
    const auto home = owner_addresses(*layout, all_up(*layout));
    for (unsigned leaver = 0; leaver < n; ++leaver) {
      auto live = all_up(*layout);
      live[leaver] = false;
      const IpAddress address = layout->members()[leaver].address;
      const auto without = owner_addresses(*layout, live);
      const auto owned = static_cast<uint32_t>(std::count(home.begin(), home.end(), address));
      ASSERT_EQ(moves(home, without, address), (Moves{.from = owned}));
    }
  }
}

TEST(Live, RandomEventsMoveNoSurvivorAndLeaveNoMemory) {
  const auto members = members_of(24);
  auto layout = HomeLayout::build(std::span(members).first(12), 2048, 7);
  for (unsigned i = 12; i < 24; ++i) layout = layout->join(members[i]);
  Random random(16);
  auto live = all_up(*layout);
  auto before = owner_addresses(*layout, live);
  for (int event = 0; event < 2000; ++event) {
    const uint32_t at = random.below(24);
    live[at] = !live[at];
    if (std::count(live.begin(), live.end(), true) == 0) live[at] = true;
    auto after = owner_addresses(*layout, live);
    const auto moved = moves(before, after, members[at].address);
    ASSERT_EQ(moved.others, 0u);
    ASSERT_EQ(live[at] ? moved.from : moved.to, 0u);
    before = std::move(after);
    if (event % 100 == 0) {  // the same set, reached in no steps
      ASSERT_TRUE(owner_addresses(*HomeLayout::replay(layout->lineage(), 7), live) == before);
    }
  }
}

TEST(Join, TakesItsExactShareAndNothingElseMoves) {
  const auto members = members_of(64);
  for (const unsigned founders : {1, 3, 16}) {
    auto layout = HomeLayout::build(std::span(members).first(founders), 4096, 7);
    for (unsigned n = founders; n < 64; ++n) {
      const auto next = layout->join(members[n]);
      const auto moved =
          moves(owner_addresses(*layout, all_up(*layout)), owner_addresses(*next, all_up(*next)), members[n].address);
      ASSERT_EQ(moved.others + moved.from, 0u);
      ASSERT_NEAR(moved.to, 4096.0 / (n + 1), 1);
      ASSERT_LE(deviation(*next, all_up(*next)), (n + 1) / 4096.0) << "as even as if built at once";
      layout = next;
    }
  }
}

/// Whoever is down at that time: the others never change order among themselves.
TEST(Join, MovesNothingElseWithMembersDown) {
  Random random(17);
  const auto members = members_of(40);
  auto layout = HomeLayout::build(std::span(members).first(20), 4096, 7);
  for (unsigned n = 20; n < 40; ++n) {
    const auto next = layout->join(members[n]);
    for (int i = 0; i < 30; ++i) {
      const auto live = with_down(*layout, random.below(n), random);
      const auto before = owner_addresses(*layout, live);
      ASSERT_TRUE(owner_addresses(*next, same_live(*layout, live, *next, false)) == before) << "not up yet";
      const auto after = owner_addresses(*next, same_live(*layout, live, *next, true));
      const auto moved = moves(before, after, members[n].address);
      ASSERT_EQ(moved.others + moved.from, 0u);
      const double share = 4096.0 / (1 + static_cast<double>(std::count(live.begin(), live.end(), true)));
      ASSERT_NEAR(moved.to, share, 0.25 * share + 12);
    }
    layout = next;
  }
}

TEST(Join, GrowsTheTableByCopies) {
  const auto members = members_of(40);
  auto layout = HomeLayout::build(std::span(members).first(3), 256, 7);
  for (unsigned n = 3; n < 40; ++n) {
    const auto next = layout->join(members[n]);
    ASSERT_EQ(next->buckets(), HomeLayout::auto_buckets(next->members()));
    auto live = all_up(*next);
    live[n] = false;
    ASSERT_EQ(moves(owner_addresses(*layout, all_up(*layout)), owner_addresses(*next, live), {}), Moves{})
        << "but for the newcomer the table is the old one, copied";
    layout = next;
  }
  EXPECT_EQ(layout->buckets(), 4096u);
  Random random(18);
  for (int i = 0; i < 100; ++i) ASSERT_LE(deviation(*layout, with_down(*layout, 1, random)), 0.03);
}

TEST(Join, OfManyKeepsWithinTheStoredDepth) {
  const auto members = members_of(100);
  auto layout = HomeLayout::build(std::span(members).first(3), 256, 7);
  for (unsigned n = 3; n < 100; ++n) layout = layout->join(members[n]);
  const auto next = layout->join({address_of(5000), 1});
  Random random(19);
  for (int i = 0; i < 50; ++i) {
    const auto live = with_down(*layout, PreferenceLists::kMaxDepth - 1, random);
    const auto after = owner_addresses(*next, same_live(*layout, live, *next, true));
    const auto moved = moves(owner_addresses(*layout, live), after, address_of(5000));
    ASSERT_EQ(moved.others + moved.from, 0u);
  }
}

/// A fleet that is renewed node by node ends up as even as one that was built at once.
TEST(Strike, AndJoinInTurnKeepTheSpread) {
  auto layout = HomeLayout::build(members_of(8), 2048, 7);
  for (uint32_t number = 1; number <= 40; ++number) {
    layout = layout->strike(address_of(number));
    ASSERT_LE(deviation(*layout, all_up(*layout)), 0.01);
    layout = layout->join({address_of(number + 8), 1});
    ASSERT_EQ(deviation(*layout, all_up(*layout)), 0);
  }
  Random random(25);
  for (int i = 0; i < 50; ++i) ASSERT_LE(deviation(*layout, with_down(*layout, 2, random)), 0.05);
}

TEST(Strike, OfAMemberThatIsNotLiveMovesNothing) {
  Random random(20);
  auto layout = HomeLayout::build(members_of(30), 2048, 7);
  while (layout->members().size() > 1) {
    const uint32_t at = random.below(static_cast<uint32_t>(layout->members().size()));
    const auto next = layout->strike(layout->members()[at].address);
    ASSERT_EQ(next->index_of(layout->members()[at].address), -1);
    for (int i = 0; i < 10; ++i) {
      auto live = with_down(*layout, random.below(static_cast<uint32_t>(layout->members().size())), random);
      live[at] = false;
      if (std::count(live.begin(), live.end(), true) == 0) continue;
      ASSERT_TRUE(owner_addresses(*next, same_live(*layout, live, *next, false)) == owner_addresses(*layout, live));
    }
    layout = next;
  }
}

TEST(Lineage, ReplayIsTheLayout) {
  Random random(21);
  for (int run = 0; run < 20; ++run) {
    auto founders = members_of(1 + random.below(12));
    for (auto& member : founders) member.weight = static_cast<uint16_t>(1 + random.below(5));
    const uint64_t seed = random.next();
    auto layout = HomeLayout::build(founders, HomeLayout::auto_buckets(founders), seed);
    for (int step = 0; step < 15; ++step) {
      const Member member{address_of(1 + random.below(24)), static_cast<uint16_t>(1 + random.below(9))};
      const bool known = layout->index_of(member.address) >= 0;
      if (!known)
        layout = layout->join(member);
      else if (random.below(2) == 0)
        layout = layout->reweigh(member);
      else if (layout->members().size() > 1)
        layout = layout->strike(member.address);
    }
    const auto again = HomeLayout::replay(layout->lineage(), seed);
    ASSERT_EQ(again->lineage(), layout->lineage());
    ASSERT_TRUE(std::ranges::equal(again->members(), layout->members()));
    ASSERT_EQ(again->buckets(), layout->buckets());
    for (uint32_t bucket = 0; bucket < layout->buckets(); ++bucket) {
      ASSERT_EQ(again->preference(bucket, 99), layout->preference(bucket, 99));
    }
  }
}

TEST(Lineage, ThatMakesNoSenseIsRefused) {
  using Kind = Lineage::Step::Kind;
  const Lineage good{.founders = members_of(3), .steps = {}, .buckets = 256};
  ASSERT_TRUE(HomeLayout::replay(good, 7));
  const auto refused = [&](auto change) {
    Lineage bad = good;
    change(bad);
    return HomeLayout::replay(bad, 7) == nullptr;
  };
  EXPECT_TRUE(refused([](Lineage& l) { l.founders.clear(); }));
  EXPECT_TRUE(refused([](Lineage& l) { l.founders[1] = l.founders[0]; }));
  EXPECT_TRUE(refused([](Lineage& l) { std::swap(l.founders[0], l.founders[1]); }));
  EXPECT_TRUE(refused([](Lineage& l) { l.founders[1].weight = 0; }));
  EXPECT_TRUE(refused([](Lineage& l) { l.founders = members_of(1025), l.buckets = 65536; }));
  for (const uint32_t buckets : {0u, 2u, 255u, 131072u}) {
    EXPECT_TRUE(refused([&](Lineage& l) { l.buckets = buckets; })) << buckets;
  }
  EXPECT_TRUE(refused([](Lineage& l) { l.steps = {{Kind::kJoin, {address_of(1), 1}}}; }));
  EXPECT_TRUE(refused([](Lineage& l) { l.steps = {{Kind::kJoin, {address_of(9), 0}}}; }));
  EXPECT_TRUE(refused([](Lineage& l) { l.steps = {{Kind::kStrike, {address_of(9), 1}}}; }));
  EXPECT_TRUE(refused([](Lineage& l) { l.steps = {{Kind::kReweigh, {address_of(9), 1}}}; }));
  EXPECT_TRUE(refused([](Lineage& l) { l.steps = {{Kind::kReweigh, {address_of(1), 0}}}; }));
  EXPECT_TRUE(refused([](Lineage& l) { l.steps = {{static_cast<Kind>(9), {address_of(1), 1}}}; }));
  EXPECT_TRUE(refused([](Lineage& l) {
    for (const uint32_t number : {1u, 2u, 3u}) l.steps.push_back({Kind::kStrike, {address_of(number), 1}});
  })) << "the last one";
}

}  // namespace
}  // namespace ecmpd::hash
