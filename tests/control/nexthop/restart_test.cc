// A new process gives every flow the member that it had, in whatever order sessions and updates come.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/control/nexthop/installer_fixture.h"

namespace ecmpd::control {
namespace {

constexpr unsigned kServices = 10;
constexpr unsigned kNodes = 8;

using Updates = std::vector<std::pair<unsigned, unsigned>>;  // service, node

Updates updates_of(const World& world) {
  Updates updates;
  for (const auto& [s, nodes] : world.announced) {
    for (const auto& [n, weight] : nodes) updates.emplace_back(s, n);
  }
  return updates;
}

void replay(World& world, const Updates& updates, std::mt19937& random) {
  for (const auto& [s, n] : updates) {
    world.announce(s, {n});
    if (random() % 3 == 0) world.apply();
    world.wait(std::chrono::milliseconds(random() % 100));
  }
  world.apply();
}

/// A history: services appear, grow, shrink, and vanish.
void live(World& world, std::mt19937& random) {
  for (int step = 0; step < 60; ++step) {
    const unsigned s = random() % kServices;
    const unsigned n = 1 + random() % kNodes;
    const bool has = world.announced.contains(s) && world.announced[s].contains(n);
    if (!has) {
      world.announce(s, {n});
    } else if (random() % 2 == 0) {
      world.withdraw(s, n);
    }
    world.apply();
    world.wait(std::chrono::milliseconds(random() % 3000));
  }
}

class Restart : public testing::TestWithParam<unsigned> {};

TEST_P(Restart, GivesTheSameTables) {
  std::mt19937 random(GetParam());
  World world;
  for (unsigned n = 1; n <= kNodes; ++n) world.up(n);
  live(world, random);
  const auto before = world.tables();
  Updates updates = updates_of(world);
  const std::string text = serialize(world.installer->record());

  world.options.hold = true;
  for (int again = 0; again < 3; ++again) {
    world.start();
    const auto record = parse_layout_record(text);
    ASSERT_TRUE(record.has_value());
    EXPECT_EQ(world.installer->restore(*record, world.now), "");
    std::shuffle(updates.begin(), updates.end(), random);
    for (unsigned n = 1; n <= kNodes; ++n) world.up(n);
    replay(world, updates, random);
    EXPECT_TRUE(world.forwarding->routes.empty()) << "held";
    world.installer->release(world.now);
    for (const auto& [s, table] : before) EXPECT_TRUE(same_flows(world.table(s), table)) << "service " << s;
    EXPECT_EQ(serialize(world.installer->record()), text);
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, Restart, testing::Range(1u, 9u));

TEST(RestartCases, WithoutARecordTheOrderOfSessionsDoesNotMatter) {
  std::mt19937 random(5);
  World world(true);
  for (unsigned s = 0; s < kServices; ++s) {
    for (unsigned n = 1; n <= kNodes; ++n) {
      if (random() % 3 != 0) world.announce(s, {n});
    }
  }
  Updates updates = updates_of(world);
  std::map<unsigned, Table> first;
  for (int order = 0; order < 10; ++order) {
    world.start();
    for (unsigned n = 1; n <= kNodes; ++n) world.up(n);
    replay(world, updates, random);
    world.installer->release(world.now);
    if (order == 0) first = world.tables();
    EXPECT_EQ(world.tables(), first);
    EXPECT_LE(world.forwarding->groups.size(), kServices);
    std::shuffle(updates.begin(), updates.end(), random);
  }
}

TEST(RestartCases, NodesThatWereThereAreExpectedAndThoseThatWereAwayAreNot) {
  World world;
  for (unsigned n = 1; n <= 3; ++n) world.up(n);
  world.announce(1, {1, 2, 3});
  world.apply();
  const uint64_t away_changes = world.installer->away_changes();
  world.withdraw(1, 2);
  world.apply();
  EXPECT_NE(world.installer->away_changes(), away_changes) << "or the file would not say who is away";
  const LayoutRecord record = world.installer->record();
  ASSERT_EQ(record.layouts.size(), 1u);
  EXPECT_EQ(record.layouts[0].away, std::vector{World::node(2)});
  world.options.hold = true;
  world.start();
  EXPECT_TRUE(world.installer->expected_are_back()) << "without a record nobody is known";
  EXPECT_EQ(world.installer->restore(record, world.now), "");
  EXPECT_FALSE(world.installer->expected_are_back());
  world.announce(1, {1});
  world.apply();
  EXPECT_FALSE(world.installer->expected_are_back());
  world.announce(2, {3});
  world.apply();
  EXPECT_TRUE(world.installer->expected_are_back());
  world.withdraw(2, 3);
  world.apply();
  EXPECT_FALSE(world.installer->expected_are_back()) << "its session broke again";
  world.installer->release(world.now);
  EXPECT_TRUE(world.installer->expected_are_back());
}

TEST(RestartCases, AServiceThatLostANodeMeanwhileKeepsTheOthersFlows) {
  World world;
  for (unsigned n = 1; n <= 4; ++n) world.up(n);
  world.announce(1, {1, 2, 3, 4});
  world.apply();
  const Table before = world.table(1);
  const LayoutRecord record = world.installer->record();
  world.start();
  EXPECT_EQ(world.installer->restore(record, world.now), "");
  for (unsigned n = 1; n <= 4; ++n) world.up(n);
  world.announce(1, {4, 1, 3});
  world.apply();
  for_buckets(before, world.table(1),
              [](auto from, auto to) { EXPECT_TRUE(from == to || from == World::adjacency(2)); });
  world.announce(1, {2});
  world.apply();
  EXPECT_EQ(world.table(1), before);
}

TEST(RestartCases, AServiceThatGrewMeanwhileMovesOnlyToTheNewcomer) {
  World world;
  for (unsigned n = 1; n <= 4; ++n) world.up(n);
  world.announce(1, {1, 2, 3});
  world.apply();
  const Table before = world.table(1);
  const LayoutRecord record = world.installer->record();
  world.start();
  EXPECT_EQ(world.installer->restore(record, world.now), "");
  for (unsigned n = 1; n <= 4; ++n) world.up(n);
  world.announce(1, {1, 2, 3, 4});
  world.apply();
  for_buckets(before, world.table(1), [](auto from, auto to) { EXPECT_TRUE(from == to || to == World::adjacency(4)); });
}

TEST(RestartCases, AServiceThatComesAndGoesDoesNotMakeOthersForgotten) {
  World world;
  for (unsigned n = 1; n <= 4; ++n) world.up(n);
  world.announce(1, {1, 2, 3});
  world.apply();
  world.wait(5s);
  world.announce(1, {4});  // so that its layout is not the one that it would get today
  world.apply();
  const Table before = world.table(1);
  world.announced.erase(1);
  world.apply();
  for (int i = 0; i < 200; ++i) {
    world.wait(1s);
    world.announce(2, {5, 6});  // others, or it would keep the layout in use
    world.apply();
    world.announced.erase(2);
    world.apply();
  }
  world.announce(1, {1, 2, 3, 4});
  world.apply();
  EXPECT_EQ(world.table(1), before);
}

TEST(RestartCases, TheRevisionSaysWhenTheRecordIsAnother) {
  World world;
  for (unsigned n = 1; n <= 5; ++n) world.up(n);
  hash::Random random(11);
  LayoutRecord record = world.installer->record();
  uint64_t revision = world.installer->revision();
  uint64_t away = world.installer->away_changes();
  unsigned quiet = 0;
  for (int step = 0; step < 500; ++step) {
    const unsigned s = 1 + random.below(4), n = 1 + random.below(5);
    random.below(2) == 0 ? world.announce(s, {n}) : world.withdraw(s, n);
    world.apply();
    if (random.below(4) == 0) world.wait(std::chrono::hours(1));
    if (random.below(8) == 0) world.installer->expire(world.now);
    const LayoutRecord now = world.installer->record();
    if (now != record) {
      EXPECT_NE(std::pair(world.installer->revision(), world.installer->away_changes()), std::pair(revision, away))
          << step;
    }
    if (world.installer->revision() == revision) ++quiet;
    record = now;
    revision = world.installer->revision();
    away = world.installer->away_changes();
  }
  EXPECT_GT(quiet, 100u) << "nodes that come and go change no layout";
}

TEST(RestartCases, ARecordThatDoesNotFitIsIgnored) {
  World world;
  world.announce(1, {1, 2});
  world.apply();
  LayoutRecord record = world.installer->record();
  ASSERT_EQ(record.layouts.size(), 1u);
  world.start();
  LayoutRecord other = record;
  other.seed = 8;
  EXPECT_EQ(world.installer->restore(other, world.now), "ignored: recorded with seed 8, now it is 7");
  other = record;
  other.buckets = 512;
  EXPECT_EQ(world.installer->restore(other, world.now),
            "ignored: recorded with buckets = 512, now it is 0 (0 is auto)");
  other = record;
  other.layouts.push_back(record.layouts[0]);
  other.layouts[0].lineage.steps.push_back({hash::Lineage::Step::Kind::kStrike, {World::node(9), 1}});
  EXPECT_EQ(world.installer->restore(other, world.now), "1 of 2 layouts ignored: impossible history");
  record.layouts[0].away = {World::node(1), World::node(2)};
  EXPECT_EQ(world.installer->record(), record) << "the good one was taken, and nobody is there yet";
}

}  // namespace
}  // namespace ecmpd::control
