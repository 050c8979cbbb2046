// Every selector that a router offers: its groups' tables are those of hash/, whoever comes and goes in between.
#include <algorithm>

#include "tests/control/nexthop/installer_fixture.h"

namespace ecmpd::control {
namespace {

using hash::Selector;

class AnySelector : public testing::TestWithParam<Selector> {};

INSTANTIATE_TEST_SUITE_P(Selectors, AnySelector,
                         testing::Values(Selector::kModulo, Selector::kHashThreshold, Selector::kResilient,
                                         Selector::kMaglev, Selector::kRendezvous),
                         [](const auto& parameter) {
                           std::string name(to_string(parameter.param));
                           std::erase(name, '-');
                           return name;
                         });

/// The table of a service, with nodes for owners.
std::vector<unsigned> nodes_of(const World& world, unsigned service) {
  std::vector<unsigned> nodes;
  for (const dataplane::AdjacencyId adjacency : world.table(service)) nodes.push_back(raw(adjacency));
  return nodes;
}

std::vector<unsigned> expected(Selector selector, const std::vector<unsigned>& home,
                               const std::vector<unsigned>& down) {
  std::vector<hash::Member> members;
  for (const unsigned n : home) members.push_back({World::node(n), 1});
  const auto built = hash::Home::build(selector, members, 0, 7);
  std::vector<bool> live;
  for (const unsigned n : home) live.push_back(std::find(down.begin(), down.end(), n) == down.end());
  std::vector<unsigned> nodes;
  for (const uint16_t owner : built->table(live).owners) nodes.push_back(home[owner]);
  return nodes;
}

TEST_P(AnySelector, IsChangedWhileItRuns) {
  for (const Selector before : {Selector::kModulo, Selector::kHashThreshold, Selector::kResilient, Selector::kMaglev}) {
    World world(false, before);
    for (unsigned n = 1; n <= 5; ++n) world.up(n);
    world.announce(1, {1, 2, 3, 4, 5});
    world.announce(2, {1, 2, 3});
    world.apply();
    world.announce(2, {4});  // has grown, where that means something
    world.apply();
    LayoutSettings settings = world.options.layouts;
    settings.selector = GetParam();
    world.installer->configure(settings, world.now);
    EXPECT_EQ(nodes_of(world, 1), expected(GetParam(), {1, 2, 3, 4, 5}, {})) << to_string(before);
    for (const auto& [id, table] : world.forwarding->groups) EXPECT_EQ(table.indexing, indexing_of(GetParam()));
    world.withdraw(1, 4);
    world.withdraw(2, 1);
    world.apply();
    EXPECT_EQ(nodes_of(world, 1), expected(GetParam(), {1, 2, 3, 4, 5}, {4}));
    EXPECT_EQ(world.forwarding->groups.size(), 2u);
    const uint64_t revision = world.installer->revision();
    settings.forget_after = std::chrono::seconds(1);  // moves nothing
    world.installer->configure(settings, world.now);
    EXPECT_EQ(world.installer->revision(), revision);
    EXPECT_EQ(nodes_of(world, 1), expected(GetParam(), {1, 2, 3, 4, 5}, {4}));
  }
}

TEST_P(AnySelector, MakesTheTablesOfTheLibrary) {
  World world(false, GetParam());
  for (unsigned n = 1; n <= 5; ++n) world.up(n);
  world.announce(1, {1, 2, 3, 4, 5});
  world.announce(2, {1, 2, 3, 4, 5});
  world.apply();
  EXPECT_EQ(world.forwarding->groups.size(), 1u) << "shared by both services";
  EXPECT_EQ(nodes_of(world, 1), expected(GetParam(), {1, 2, 3, 4, 5}, {}));
  for (const auto& [id, table] : world.forwarding->groups) EXPECT_EQ(table.indexing, indexing_of(GetParam()));
  world.down(2);
  EXPECT_EQ(nodes_of(world, 1), expected(GetParam(), {1, 2, 3, 4, 5}, {2}));
  world.withdraw(1, 4);
  world.apply();
  EXPECT_EQ(nodes_of(world, 1), expected(GetParam(), {1, 2, 3, 4, 5}, {2, 4}));
  world.up(2);
  world.announce(1, {4});
  world.apply();
  EXPECT_EQ(nodes_of(world, 1), expected(GetParam(), {1, 2, 3, 4, 5}, {})) << "as if nothing had happened";
}

TEST_P(AnySelector, ShowsTheGroupAsItIs) {
  World world(false, GetParam());
  for (unsigned n = 1; n <= 3; ++n) world.up(n);
  world.announce(1, {1, 2, 3});
  world.apply();
  world.down(3);
  const auto group = world.installer->group(world.forwarding->routes.at(World::service(1)));
  ASSERT_TRUE(group);
  EXPECT_EQ(group->selector, GetParam());
  EXPECT_EQ(group->layout != kNoLayout, needs_home(GetParam()));
  EXPECT_EQ(group->live, (std::vector<bool>{true, true, false}));
  EXPECT_EQ(group->table.entries(3)[2], 0u);
  EXPECT_LT(group->worst_deviation, 0.03);
}

TEST_P(AnySelector, OneOrNobodyAliveIsOneBucket) {
  World world(false, GetParam());
  world.up(1);
  world.announce(1, {1, 2});
  world.apply();
  EXPECT_EQ(world.table(1), Table{World::adjacency(1)});
  world.down(1);
  EXPECT_EQ(world.table(1), Table{World::kUnresolved});
}

TEST_P(AnySelector, RecordsAHistoryWhereThereIsOne) {
  World world(false, GetParam());
  for (unsigned n = 1; n <= 4; ++n) world.up(n);
  world.announce(1, {2, 3, 4});
  world.apply();
  world.wait(10s);
  world.announce(1, {1});
  world.apply();
  const auto grown = nodes_of(world, 1);
  const LayoutRecord record = world.installer->record();
  EXPECT_EQ(record.layouts.size(), needs_home(GetParam()) ? 1u : 0u);

  world.start();
  const std::string said = world.installer->restore(record, world.now);
  EXPECT_EQ(said.empty(), needs_home(GetParam())) << said;
  for (unsigned n = 1; n <= 4; ++n) world.up(n);
  world.announce(1, {1, 2, 3, 4});
  world.apply();
  EXPECT_EQ(nodes_of(world, 1), grown);
  if (GetParam() == Selector::kHashThreshold) {
    EXPECT_EQ(grown, (std::vector<unsigned>{2, 1, 3, 4})) << "in the centre";
  }
}

}  // namespace
}  // namespace ecmpd::control
