// Continuity per service: whatever comes and goes, no flow moves between two nodes that stay.
#include <gtest/gtest.h>

#include <random>

#include "tests/control/nexthop/installer_fixture.h"

namespace ecmpd::control {
namespace {

constexpr unsigned kServices = 12;
constexpr unsigned kNodes = 9;

/// Random services on random nodes, all nodes resolved.
void populate(World& world, std::mt19937& random) {
  for (unsigned n = 1; n <= kNodes; ++n) world.up(n);
  for (unsigned s = 0; s < kServices; ++s) {
    for (unsigned n = 1; n <= kNodes; ++n) {
      if (random() % 3 != 0) world.announce(s, {n});
    }
  }
  world.apply();
}

bool alive(const Table& table) { return !table.empty() && table[0] != World::kUnresolved; }

class Continuity : public testing::TestWithParam<unsigned> {};

TEST_P(Continuity, RandomEvents) {
  std::mt19937 random(GetParam());
  World world;
  populate(world, random);
  std::set<unsigned> resolved;
  for (unsigned n = 1; n <= kNodes; ++n) resolved.insert(n);
  for (int step = 0; step < 400; ++step) {
    world.wait(2s);  // nobody is young
    const auto before = world.tables();
    const unsigned s = random() % kServices;
    const unsigned n = 1 + random() % kNodes;
    const bool has = world.announced.contains(s) && world.announced[s].contains(n);
    const bool global = random() % 4 == 0;
    const bool leaves = global ? resolved.contains(n) : has;
    if (global) {
      leaves ? world.down(n) : world.up(n);
      leaves ? (void)resolved.erase(n) : (void)resolved.insert(n);
    } else {
      leaves ? world.withdraw(s, n) : world.announce(s, {n});
      world.apply();
    }
    for (const auto& [service, old] : before) {
      const Table fresh = world.table(service);
      if (!global && service != s) {
        ASSERT_EQ(fresh, old) << "another service was touched";
        continue;
      }
      if (!alive(old) || !alive(fresh)) continue;
      unsigned wrong = 0;
      for_buckets(old, fresh, [&](auto from, auto to) {
        const auto mover = World::adjacency(n);
        wrong += from != to && (leaves ? from : to) != mover;
      });
      ASSERT_EQ(wrong, 0u) << "step " << step << ": flows moved between nodes that stay";
    }
    // Undone at once, everything is as it was.
    if (random() % 3 != 0) continue;
    if (global) {
      leaves ? world.up(n) : world.down(n);
      leaves ? (void)resolved.insert(n) : (void)resolved.erase(n);
    } else {
      leaves ? world.announce(s, {n}) : world.withdraw(s, n);
      world.apply();
    }
    for (const auto& [service, old] : before) {
      ASSERT_TRUE(same_flows(world.table(service), old)) << "step " << step << ": not undone";
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, Continuity, testing::Range(1u, 9u));

TEST(ContinuityCases, AServiceThatVanishesComesBackToItsTable) {
  World world;
  for (unsigned n = 1; n <= 4; ++n) world.up(n);
  world.announce(1, {1, 2, 3});
  world.apply();
  world.wait(1min);
  world.announce(1, {4});
  world.apply();
  const Table grown = world.table(1);
  for (unsigned n = 1; n <= 4; ++n) world.withdraw(1, n);
  world.apply();
  EXPECT_TRUE(world.table(1).empty());
  for (unsigned n : {3, 1, 4, 2}) {  // slowly, and in another order
    world.wait(1min);
    world.announce(1, {n});
    world.apply();
  }
  EXPECT_EQ(world.table(1), grown);
}

TEST(ContinuityCases, TheOrderInWhichNodesAnnounceANewServiceDoesNotMatter) {
  std::vector<Table> tables;
  for (const std::vector<unsigned>& order : {std::vector<unsigned>{1, 2, 3}, {3, 2, 1}, {2, 3, 1}}) {
    World world;
    for (unsigned n : order) world.up(n);
    for (unsigned n : order) {
      world.announce(1, {n});
      world.apply();
      world.wait(300ms);
    }
    tables.push_back(world.table(1));
  }
  EXPECT_EQ(tables[0], tables[1]);
  EXPECT_EQ(tables[0], tables[2]);
}

TEST(ContinuityCases, AnOldServiceThatGrowsMovesOnlyToTheNewcomer) {
  World world;
  for (unsigned n = 1; n <= 4; ++n) world.up(n);
  world.announce(1, {1, 2, 3});
  world.apply();
  world.wait(1s);
  const Table before = world.table(1);
  world.announce(1, {4});
  world.apply();
  unsigned moved = 0;
  for_buckets(before, world.table(1), [&](auto from, auto to) {
    if (from == to) return;
    EXPECT_EQ(to, World::adjacency(4));
    ++moved;
  });
  EXPECT_NEAR(moved, world.table(1).size() / 4.0, 1.0);
}

TEST(ContinuityCases, AMemberThatStaysAwayIsForgottenAndNothingMoves) {
  World world;
  for (unsigned n = 1; n <= 3; ++n) world.up(n);
  world.announce(1, {1, 2, 3});
  world.announce(2, {1, 2});
  world.apply();
  world.wait(1min);
  world.withdraw(1, 3);
  world.apply();
  const Table before = world.table(1);
  world.wait(23h);
  world.installer->expire(world.now);
  EXPECT_EQ(world.installer->groups()[0].members.size(), 3u);
  world.wait(2h);
  const uint64_t revision = world.installer->revision();
  world.installer->expire(world.now);
  EXPECT_NE(world.installer->revision(), revision);
  EXPECT_EQ(world.installer->groups()[0].members.size(), 2u);
  EXPECT_EQ(world.table(1), before);
  EXPECT_EQ(world.forwarding->replaced, 0u);
  world.announce(1, {3});
  world.apply();
  EXPECT_EQ(world.owners(1).size(), 3u) << "a newcomer again";
}

TEST(ContinuityCases, AWithdrawnServiceIsForgotten) {
  World world;
  for (unsigned n = 1; n <= 3; ++n) world.up(n);
  world.announce(1, {1, 2});
  world.apply();
  world.wait(1min);
  world.announce(1, {3});  // has left its first layout for a grown one
  world.apply();
  EXPECT_EQ(world.installer->counters().layouts, 1u);
  for (unsigned n = 1; n <= 3; ++n) world.withdraw(1, n);
  world.apply();
  EXPECT_EQ(world.installer->record().layouts.size(), 1u);
  world.wait(25h);
  world.installer->expire(world.now);
  EXPECT_TRUE(world.installer->record().layouts.empty());
  EXPECT_EQ(world.installer->counters().layouts, 0u);
  EXPECT_TRUE(world.forwarding->groups.empty());
}

}  // namespace
}  // namespace ecmpd::control
