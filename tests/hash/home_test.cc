// What every selector's home promises: tables that depend on who is live, never on what happened before.
#include "hash/home.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "tests/hash/layout_support.h"

namespace ecmpd::hash {
namespace {

using Owners = std::vector<uint16_t>;

std::vector<bool> everybody(const Home& home) { return std::vector<bool>(home.members().size(), true); }

/// A test for each selector.
class AnyHome : public testing::TestWithParam<Selector> {
 protected:
  std::shared_ptr<const Home> build(std::span<const Member> members, uint32_t buckets = 1024) const {
    EXPECT_EQ(Home::refusal(GetParam(), members, buckets), "");
    return Home::build(GetParam(), members, buckets, 7);
  }
};

INSTANTIATE_TEST_SUITE_P(Selectors, AnyHome, testing::ValuesIn(kSelectors), [](const auto& parameter) {
  std::string name(to_string(parameter.param));
  std::erase(name, '-');
  return name;
});

TEST_P(AnyHome, DoesNotDependOnTheOrderOfMembers) {
  auto members = weighted({1, 2, 3, 1, 2, 5, 1});
  const auto home = build(members);
  Random random(3);
  random.shuffle(std::span(members));
  const auto other = build(members);
  EXPECT_TRUE(std::ranges::equal(home->members(), other->members()));
  EXPECT_EQ(home->table(everybody(*home)), other->table(everybody(*other)));
}

TEST_P(AnyHome, NobodyLiveIsAnEmptyTable) {
  const auto home = build(members_of(3));
  const auto table = home->table({false, false, false});
  EXPECT_TRUE(table.owners.empty());
  EXPECT_EQ(table.indexing, indexing_of(GetParam()));
}

TEST_P(AnyHome, OneMemberOwnsEverything) {
  const auto home = build(members_of(3));
  for (const auto& table : {build(members_of(1))->table({true}), home->table({false, true, false})}) {
    EXPECT_EQ(std::set<uint16_t>(table.owners.begin(), table.owners.end()).size(), 1u);
  }
  EXPECT_EQ(home->table({false, true, false}).owner(123456789), 1);
}

TEST_P(AnyHome, HasRoomFor1024MembersAndNotForMore) {
  const auto home = build(members_of(1024), 65536);
  const auto table = home->table(everybody(*home));
  for (const uint16_t owner : table.owners) ASSERT_LT(owner, 1024);
  const std::set<uint16_t> owners(table.owners.begin(), table.owners.end());
  EXPECT_EQ(owners.size(), 1024u) << "nobody is starved";
  EXPECT_EQ(Home::refusal(GetParam(), members_of(1025), 65536), "1025 members: at most 1024 are possible");
}

TEST_P(AnyHome, RefusesWhatMakesNoSense) {
  EXPECT_EQ(Home::refusal(GetParam(), {}, 0), "no members: at least 1 is needed");
  auto members = members_of(3);
  EXPECT_EQ(Home::refusal(GetParam(), members, 1000), "1000 buckets: only powers of two up to 65536 are possible");
  EXPECT_EQ(Home::refusal(GetParam(), members, 131072), "131072 buckets: only powers of two up to 65536 are possible");
  members[2].address = members[0].address;
  EXPECT_EQ(Home::refusal(GetParam(), members, 0), "10.0.0.1 is there twice");
  members[1].weight = 0;
  EXPECT_EQ(Home::refusal(GetParam(), members, 0), "10.0.0.2: weight 0; 1 to 65535 are possible");
}

TEST_P(AnyHome, IsWhatItsLineageSays) {
  Random random(5);
  auto home = build(weighted({1, 2, 1, 3, 1}), 256);
  for (int step = 0; step < 30; ++step) {
    const Member member{address_of(1 + random.below(12)), static_cast<uint16_t>(1 + random.below(4))};
    const bool known = home->index_of(member.address) >= 0;
    if (!known) {
      home = home->join(member);
    } else if (random.below(2) == 0) {
      home = home->reweigh(member);
    } else if (home->members().size() > 1) {
      home = home->strike(member.address);
    }
    std::vector<bool> live;
    for (size_t i = 0; i < home->members().size(); ++i) live.push_back(random.below(3) != 0);
    const auto again = Home::replay(GetParam(), home->lineage(), 7);
    ASSERT_TRUE(again);
    ASSERT_EQ(again->lineage(), home->lineage());
    ASSERT_TRUE(std::ranges::equal(again->members(), home->members()));
    ASSERT_EQ(again->table(live), home->table(live));
    for (const uint16_t owner : home->table(live).owners) ASSERT_TRUE(live[owner]);
  }
  EXPECT_FALSE(Home::replay(GetParam(), {}, 7));
}

TEST_P(AnyHome, FirstChoiceIsTheOwnerWhenAllAreUp) {
  const auto home = build(weighted({1, 2, 1}));
  const auto table = home->table(everybody(*home));
  for (uint32_t hash = 0; hash < 1u << 31; hash += 123456791) {
    ASSERT_EQ(home->first_choice(hash), table.owner(hash)) << hash;
  }
}

TEST_P(AnyHome, StrikingWhoIsAwayMovesNothing) {
  const auto home = build(weighted({1, 2, 1, 3, 1}));
  const auto before = home->table({true, true, false, true, true});
  const auto after = home->strike(address_of(3))->table({true, true, true, true});
  ASSERT_EQ(before.owners.size(), after.owners.size());
  for (size_t i = 0; i < before.owners.size(); ++i) {
    ASSERT_EQ(before.owners[i], after.owners[i] + (after.owners[i] >= 2 ? 1 : 0));
  }
}

TEST(Resilient, NeedsABucketForEveryMember) {
  EXPECT_EQ(Home::refusal(Selector::kResilient, members_of(65), 64),
            "65 members in 64 buckets: each needs at least one");
  const Lineage crowded{.founders = members_of(65), .steps = {}, .buckets = 64};
  EXPECT_FALSE(Home::replay(Selector::kResilient, crowded, 7));
  for (const Selector selector : {Selector::kMaglev, Selector::kRendezvous}) {
    const auto home = Home::replay(selector, crowded, 7);
    EXPECT_GE(home->table(everybody(*home)).owners.size(), 64u);
  }
}

TEST(HashThreshold, IsContiguousRegionsAsWideAsWeights) {
  const auto home = Home::build(Selector::kHashThreshold, weighted({2, 4, 6}), 0, 7);
  const auto table = home->table(everybody(*home));
  EXPECT_EQ(table, (BucketTable{{0, 1, 1, 2, 2, 2}, Indexing::kRange}));
  EXPECT_EQ(home->worst_deviation(table, everybody(*home)), 0);
}

TEST(HashThreshold, TakesNewcomersInTheCentre) {
  auto home = Home::build(Selector::kHashThreshold, members_of(4, 10), 0, 7);
  home = home->join({address_of(1), 1});
  EXPECT_EQ(home->table(everybody(*home)).owners, (Owners{1, 2, 0, 3, 4}));
  home = home->join({address_of(99), 1});
  EXPECT_EQ(home->table(everybody(*home)).owners, (Owners{1, 2, 5, 0, 3, 4}));
  EXPECT_EQ(home->strike(address_of(1))->table({true, true, true, true, true}).owners, (Owners{0, 1, 4, 2, 3}));
}

TEST(LiveTables, DependOnTheLiveMembersOnly) {
  for (const Selector selector : kSelectors) {
    if (needs_home(selector)) continue;
    const auto home = Home::build(selector, members_of(5), 256, 7);
    const auto part = members_of(3, 2);  // the three in the middle
    auto alone = live_table(selector, part, 256, 7);
    for (uint16_t& owner : alone.owners) ++owner;
    EXPECT_EQ(home->table({false, true, true, true, false}), alone) << to_string(selector);
    EXPECT_TRUE(live_table(selector, {}, 256, 7).owners.empty());
  }
}

}  // namespace
}  // namespace ecmpd::hash
