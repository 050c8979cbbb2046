// Groups are shared, and what a change costs in the data plane.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/control/nexthop/installer_fixture.h"

namespace ecmpd::control {
namespace {

constexpr unsigned kServices = 1000;
constexpr unsigned kNodes = 16;

void thousand_services(World& world) {
  for (unsigned n = 1; n <= kNodes; ++n) world.up(n);
  for (unsigned s = 0; s < kServices; ++s) {
    for (unsigned n = 1; n <= kNodes; ++n) world.announce(s, {n});
  }
  world.apply();
  world.wait(1min);
}

TEST(Sharing, AThousandServicesOnTheSameNodesAreOneGroup) {
  World world;
  thousand_services(world);
  EXPECT_EQ(world.forwarding->groups.size(), 1u);
  EXPECT_EQ(world.forwarding->routes.size(), kServices);
  EXPECT_EQ(world.owners(0).size(), kNodes);
}

TEST(Sharing, ANodeThatDiesCostsOneSwapAGroup) {
  World world;
  thousand_services(world);
  world.announce(kServices, {1, 2, 3});
  world.announce(kServices + 1, {4, 5});
  world.apply();
  ASSERT_EQ(world.forwarding->groups.size(), 3u);
  const unsigned set = world.forwarding->set;
  world.down(2);
  EXPECT_EQ(world.forwarding->replaced, 2u) << "the groups that contain it";
  world.up(2);
  EXPECT_EQ(world.forwarding->replaced, 4u);
  EXPECT_EQ(world.forwarding->set, set);
}

TEST(Sharing, ASessionThatEndsCostsOneSwapAGroup) {
  World world;
  thousand_services(world);
  const unsigned set = world.forwarding->set;
  for (unsigned s = 0; s < kServices; ++s) world.withdraw(s, 3);
  world.apply();
  EXPECT_EQ(world.forwarding->replaced, 1u);
  EXPECT_FALSE(world.owners(0).contains(World::adjacency(3)));
  for (unsigned s = 0; s < kServices; ++s) world.announce(s, {3});
  world.apply();
  EXPECT_EQ(world.forwarding->replaced, 2u);
  EXPECT_EQ(world.forwarding->set, set) << "no route was touched";
  EXPECT_EQ(world.forwarding->groups.size(), 1u);
}

TEST(Sharing, ASessionThatEndsAfterItsNodeDiedCostsNothing) {
  World world;
  thousand_services(world);
  world.down(3);
  const unsigned set = world.forwarding->set;
  const unsigned replaced = world.forwarding->replaced;
  for (unsigned s = 0; s < kServices; ++s) world.withdraw(s, 3);
  world.apply();
  EXPECT_EQ(world.forwarding->set, set);
  EXPECT_EQ(world.forwarding->replaced, replaced);
}

TEST(Sharing, ANodeThatLeavesIsOutOfItsGroupsAheadOfTheBatch) {
  World world;
  thousand_services(world);
  world.installer->nexthops_leave(std::vector{World::node(3)});
  EXPECT_FALSE(world.owners(0).contains(World::adjacency(3)));
  const auto tables = world.tables();
  const unsigned set = world.forwarding->set;
  const unsigned replaced = world.forwarding->replaced;
  for (unsigned s = 0; s < kServices; ++s) world.withdraw(s, 3);
  world.apply();
  world.installer->nexthops_stay();
  EXPECT_EQ(world.tables(), tables);
  EXPECT_EQ(world.forwarding->set, set);
  EXPECT_EQ(world.forwarding->replaced, replaced);
  // And it comes back as any other.
  for (unsigned s = 0; s < kServices; ++s) world.announce(s, {3});
  world.apply();
  EXPECT_TRUE(world.owners(0).contains(World::adjacency(3)));
}

TEST(Sharing, ANodeThatLeavesStaysWhereItIsAloneAndWhereTheBatchLeavesIt) {
  World world;
  for (unsigned n = 1; n <= 3; ++n) world.up(n);
  world.announce(1, {3});
  world.announce(2, {1, 2, 3});
  world.apply();
  const auto before = world.tables();
  world.installer->nexthops_leave(std::vector{World::node(3)});
  EXPECT_EQ(world.table(1), before.at(1));
  EXPECT_FALSE(world.owners(2).contains(World::adjacency(3)));
  world.installer->nexthops_stay();
  EXPECT_EQ(world.tables(), before);
}

TEST(Sharing, ManyNexthopsOfOneNodeLeaveAGroupTogether) {
  World world;
  for (unsigned n = 1; n <= 5; ++n) world.up(n);
  world.announce(1, {1, 2, 3, 4, 5});
  world.announce(2, {2, 3, 4});
  world.apply();
  const Table alone = world.table(2);
  const unsigned replaced = world.forwarding->replaced;
  world.installer->nexthops_leave(std::vector{World::node(2), World::node(3), World::node(4)});
  EXPECT_EQ(world.owners(1), (std::set{World::adjacency(1), World::adjacency(5)}));
  EXPECT_EQ(world.table(2), alone);
  EXPECT_EQ(world.forwarding->replaced, replaced + 1);
  world.withdraw(1, 2);
  world.withdraw(1, 3);
  world.withdraw(1, 4);
  world.apply();
  world.installer->nexthops_stay();
  EXPECT_EQ(world.owners(1), (std::set{World::adjacency(1), World::adjacency(5)}));
  EXPECT_EQ(world.forwarding->replaced, replaced + 1);
}

TEST(Sharing, OneServiceThatLosesANodeLeavesTheOthersAlone) {
  World world;
  thousand_services(world);
  const auto before = world.tables();
  world.withdraw(17, 3);
  world.apply();
  EXPECT_EQ(world.forwarding->groups.size(), 2u);
  for (unsigned s = 0; s < kServices; ++s) {
    if (s != 17) {
      ASSERT_EQ(world.table(s), before.at(s));
    }
  }
  world.announce(17, {3});
  world.apply();
  EXPECT_EQ(world.forwarding->groups.size(), 1u);
  EXPECT_EQ(world.tables(), before);
}

TEST(Sharing, ServicesThatGrowAlikeStayShared) {
  World world;
  thousand_services(world);
  world.up(20);
  world.up(21);
  // Two newcomers, every service hears of them in its own order and in its own batch.
  std::mt19937 random(1);
  std::vector<std::pair<unsigned, unsigned>> updates;
  for (unsigned s = 0; s < kServices; ++s) {
    updates.emplace_back(s, 20);
    updates.emplace_back(s, 21);
  }
  std::shuffle(updates.begin(), updates.end(), random);
  const Table before = world.table(0);
  for (size_t i = 0; i < updates.size(); ++i) {
    world.announce(updates[i].first, {updates[i].second});
    if (i % 50 == 0) world.apply();
  }
  world.apply();
  EXPECT_EQ(world.forwarding->groups.size(), 1u);
  for_buckets(before, world.table(0), [](auto old, auto fresh) {
    EXPECT_TRUE(fresh == old || fresh == World::adjacency(20) || fresh == World::adjacency(21));
  });
}

TEST(Sharing, ASmallerServiceUsesTheLayoutOfALargerOne) {
  World world;
  for (unsigned n = 1; n <= 5; ++n) world.up(n);
  world.announce(1, {1, 2, 3, 4, 5});
  world.announce(2, {2, 4});
  world.apply();
  EXPECT_EQ(world.installer->counters().layouts, 1u);
  world.wait(1min);
  const Table five = world.table(1);
  world.announce(2, {1, 3, 5});
  world.apply();
  EXPECT_EQ(world.forwarding->groups.size(), 1u);
  EXPECT_EQ(world.table(2), five);
}

TEST(Sharing, AddressesOfTheSameWeightsShareOthersDoNot) {
  World world;
  world.source = RouteSource::kStatic;
  for (unsigned n = 1; n <= 3; ++n) world.up(n);
  world.announce(1, {1, 2, 3});
  world.announce(2, {1, 2, 3});
  world.announce(3, {1, 2, 3});
  world.announced[3][2] = 4;
  world.apply();
  EXPECT_EQ(world.forwarding->groups.size(), 2u);
  world.wait(1min);
  // The same weight from now on: a layout of its own, reweighed, which moves only the difference.
  const Table before = world.table(1);
  world.announced[1][2] = 4;
  world.apply();
  unsigned to_two = 0;
  for_buckets(before, world.table(1), [&](auto old, auto fresh) {
    if (old == fresh) return;
    EXPECT_EQ(fresh, World::adjacency(2));
    ++to_two;
  });
  EXPECT_GT(to_two, 0u);
}

TEST(Sharing, ModuloHasNoLayouts) {
  World world(false, hash::Selector::kModulo);
  for (unsigned n = 1; n <= 3; ++n) world.up(n);
  world.announce(1, {1, 2, 3});
  world.announce(2, {1, 2, 3});
  world.apply();
  EXPECT_EQ(world.forwarding->groups.size(), 1u);
  const auto a = World::adjacency;
  EXPECT_EQ(world.table(1), (Table{a(1), a(2), a(3)}));
  world.down(2);
  EXPECT_EQ(world.table(1), (Table{a(1), a(3)}));
  world.withdraw(1, 1);
  world.apply();
  EXPECT_EQ(world.table(1), Table{a(3)});
  EXPECT_TRUE(world.installer->record().layouts.empty());
}

}  // namespace
}  // namespace ecmpd::control
