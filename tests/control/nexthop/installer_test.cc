// Routes in the data plane: hold, liveness, direct routes, a full FIB, and what is shown.
#include <gtest/gtest.h>

#include <set>

#include "control/log.h"
#include "tests/control/nexthop/installer_fixture.h"

namespace ecmpd::control {
namespace {

const hash::Prefix kSubnet = hash::Prefix::parse("10.0.1.0/24").value();
constexpr dataplane::AdjacencyId kGlean{500};

TEST(Installer, BgpWaitsForTheEndOfTheHoldStaticDoesNot) {
  World world(true);
  world.up(1);
  world.announce(1, {1});
  world.apply();
  EXPECT_TRUE(world.forwarding->routes.empty());
  EXPECT_EQ(world.installer->nexthops_in_use().size(), 1u) << "it is resolved meanwhile";
  world.source = RouteSource::kStatic;
  world.announce(2, {1});
  world.apply();
  EXPECT_EQ(world.forwarding->routes.size(), 1u);
  world.withdraw(1, 1);
  world.apply();
  EXPECT_EQ(world.installer->counters().held, 0u);
  world.source = RouteSource::kBgp;
  world.announce(1, {1});
  world.apply();
  world.installer->release(world.now);
  EXPECT_EQ(world.forwarding->routes.size(), 2u);
  world.announce(3, {1});
  world.apply();
  EXPECT_EQ(world.forwarding->routes.size(), 3u);
}

TEST(Installer, TellsWhichNexthopsAreInUse) {
  World world(true);
  std::map<hash::IpAddress, int> in_use;
  unsigned calls = 0;
  world.installer->on_nexthop_in_use([&](const hash::IpAddress& address, bool use) {
    in_use[address] += use ? 1 : -1;
    ++calls;
  });
  EXPECT_TRUE(world.installer->nexthops_settled());
  world.announce(1, {1, 2});
  world.announce(2, {2, 3});
  world.apply();
  EXPECT_FALSE(world.installer->nexthops_settled());
  const std::map<hash::IpAddress, int> all = {{World::node(1), 1}, {World::node(2), 1}, {World::node(3), 1}};
  EXPECT_EQ(in_use, all);
  world.installer->release(world.now);
  EXPECT_EQ(in_use, all);
  EXPECT_EQ(calls, 3u) << "in use without a break";
  world.up(1);
  world.up(2);
  EXPECT_FALSE(world.installer->nexthops_settled());
  world.down(3);
  EXPECT_TRUE(world.installer->nexthops_settled()) << "down is an answer too";
  world.withdraw(1, 1);
  world.apply();
  EXPECT_EQ(world.installer->nexthops_in_use(), (std::vector{World::node(2), World::node(3)}));
  EXPECT_EQ(in_use[World::node(1)], 0);
}

TEST(Installer, OnlyAnnouncedAndResolvedNodesGetPackets) {
  World world;
  world.announce(1, {1, 2, 3});
  world.apply();
  EXPECT_EQ(world.table(1), Table{World::kUnresolved});
  world.up(2);
  EXPECT_EQ(world.table(1), Table{World::adjacency(2)});
  world.up(1);
  EXPECT_EQ(world.owners(1), (std::set{World::adjacency(1), World::adjacency(2)}));
  world.installer->nexthop_up(World::node(1), dataplane::AdjacencyId{77}, dataplane::PortIndex{1});
  EXPECT_EQ(world.owners(1), (std::set{World::adjacency(2), dataplane::AdjacencyId{77}})) << "another adjacency";
  world.down(1);
  world.down(2);
  EXPECT_EQ(world.table(1), Table{World::kUnresolved});
}

TEST(Installer, RoutesAreShownPageByPage) {
  World world;
  world.up(1);
  for (unsigned s : {7, 3, 9, 1, 5}) world.announce(s, {1});
  world.apply();
  EXPECT_TRUE(world.installer->set_direct_route(World::service(4), World::adjacency(1)));
  EXPECT_TRUE(world.installer->set_direct_route(World::service(5), kGlean));  // before the one by BGP
  EXPECT_TRUE(world.installer->set_direct_route(World::service(8), kGlean));
  const auto pages = [&](RoutePage page) {
    std::vector<std::vector<hash::Prefix>> all;
    for (;;) {
      std::vector<hash::Prefix> prefixes;
      for (const RouteView& route : world.installer->routes(page)) prefixes.push_back(route.prefix);
      if (prefixes.empty()) return all;
      page.after = prefixes.back();
      all.push_back(std::move(prefixes));
    }
  };
  const auto services = [](std::vector<unsigned> numbers) {
    std::vector<hash::Prefix> prefixes;
    for (unsigned s : numbers) prefixes.push_back(World::service(s));
    return prefixes;
  };
  using Pages = std::vector<std::vector<hash::Prefix>>;
  EXPECT_EQ(pages({.limit = 3}), (Pages{services({1, 3, 4}), services({5, 7, 8}), services({9})}));
  EXPECT_EQ(pages({}), (Pages{services({1, 3, 4, 5, 7, 8, 9})}));
  EXPECT_EQ(pages({.limit = 4, .shows_direct = [](auto adjacency) { return adjacency == kGlean; }}),
            (Pages{services({1, 3, 5, 7}), services({8, 9})}));
  EXPECT_TRUE(pages({.limit = 0}).empty());
}

TEST(Installer, DirectRoutesGoFirstAndShareGroups) {
  World world;
  world.up(1);
  EXPECT_TRUE(world.installer->set_direct_route(kSubnet, kGlean));
  EXPECT_TRUE(world.installer->set_direct_route(hash::Prefix(World::node(1), 32), World::adjacency(1)));
  EXPECT_TRUE(world.installer->set_direct_route(World::service(1), World::adjacency(1)));
  EXPECT_EQ(world.forwarding->groups.size(), 2u);
  // A node that announces a prefix which is a neighbor's own address: the neighbor has it.
  world.announce(1, {1});
  world.announce(2, {1});
  world.apply();
  EXPECT_EQ(world.installer->route(World::service(1))->source, RouteSource::kConnected);
  EXPECT_EQ(world.installer->routes().size(), 4u);
  world.installer->remove_direct_route(World::service(1));
  EXPECT_EQ(world.installer->route(World::service(1))->source, RouteSource::kBgp);
  EXPECT_TRUE(world.installer->route(World::service(1))->installed);
  EXPECT_EQ(world.forwarding->routes[World::service(1)], world.forwarding->routes[World::service(2)]);
  // And the other way round.
  EXPECT_TRUE(world.installer->set_direct_route(World::service(2), kGlean));
  EXPECT_EQ(world.table(2), Table{kGlean});
  world.withdraw(2, 1);
  world.apply();
  EXPECT_EQ(world.table(2), Table{kGlean});
  EXPECT_TRUE(world.installer->set_direct_route(World::service(2), World::adjacency(9)));
  EXPECT_EQ(world.table(2), Table{World::adjacency(9)});
  for (const auto& prefix : {kSubnet, hash::Prefix(World::node(1), 32), World::service(2)}) {
    world.installer->remove_direct_route(prefix);
  }
  world.withdraw(1, 1);
  world.apply();
  EXPECT_TRUE(world.forwarding->routes.empty());
  EXPECT_TRUE(world.forwarding->groups.empty());
}

TEST(Installer, AHostsOwnRouteGoesBehindAnyOther) {
  World world;
  const hash::IpAddress host = World::service(1).address();
  world.up(1);
  world.up(2);
  EXPECT_TRUE(world.installer->set_host_route(host, World::adjacency(9)));
  EXPECT_EQ(world.table(1), Table{World::adjacency(9)});
  world.announce(1, {1});  // over it
  world.apply();
  EXPECT_EQ(world.table(1), Table{World::adjacency(1)});
  EXPECT_EQ(world.installer->route(World::service(1))->source, RouteSource::kBgp);
  EXPECT_EQ(world.installer->routes().size(), 1u);
  EXPECT_TRUE(world.installer->set_host_route(host, World::adjacency(8)));  // another one, meanwhile
  EXPECT_EQ(world.table(1), Table{World::adjacency(1)});
  world.withdraw(1, 1);
  world.apply();
  EXPECT_EQ(world.table(1), Table{World::adjacency(8)});
  world.announce(1, {2});
  world.apply();
  world.installer->remove_host_route(host);  // from behind
  EXPECT_EQ(world.table(1), Table{World::adjacency(2)});
  EXPECT_TRUE(world.installer->set_host_route(host, World::adjacency(9)));  // from behind
  EXPECT_EQ(world.table(1), Table{World::adjacency(2)});
  world.withdraw(1, 2);
  world.apply();
  EXPECT_EQ(world.table(1), Table{World::adjacency(9)});
  world.installer->remove_host_route(host);
  EXPECT_TRUE(world.forwarding->routes.empty());
  EXPECT_TRUE(world.forwarding->groups.empty());
  EXPECT_EQ(world.installer->counters().not_installed, 0u);
}

TEST(Installer, NobodyTakesOurOwnAddress) {
  World world;
  const hash::Prefix own = World::service(1);
  EXPECT_TRUE(world.installer->set_direct_route(own, kGlean));
  EXPECT_TRUE(world.installer->set_host_route(own.address(), World::adjacency(9)));
  EXPECT_EQ(world.table(1), Table{kGlean});
  world.installer->remove_host_route(own.address());
  EXPECT_EQ(world.table(1), Table{kGlean});
}

TEST(Installer, AHostWithoutRoomGetsItLater) {
  World world;
  world.up(1);
  world.announce(1, {1});
  world.apply();
  world.forwarding->maximum_routes = 1;
  EXPECT_FALSE(world.installer->set_host_route(World::service(2).address(), World::adjacency(9)));
  EXPECT_EQ(world.installer->counters().not_installed, 1u);
  world.withdraw(1, 1);
  world.apply();
  EXPECT_EQ(world.table(2), Table{World::adjacency(9)});
  EXPECT_EQ(world.installer->counters().not_installed, 0u);
}

TEST(Installer, WhatDoesNotFitIsInstalledWhenThereIsRoom) {
  World world;
  std::vector<std::string> lines;
  log::set_sink([&](log::Level, std::string_view, std::string_view text) { lines.emplace_back(text); });
  world.up(1);
  world.forwarding->maximum_routes = 2;
  for (unsigned s = 1; s <= 4; ++s) world.announce(s, {1});
  world.apply();
  EXPECT_EQ(world.installer->counters().not_installed, 2u);
  EXPECT_EQ(lines.size(), 1u);
  EXPECT_FALSE(world.installer->route(World::service(4))->installed);
  world.withdraw(1, 1);
  world.apply();
  EXPECT_EQ(world.installer->counters().not_installed, 1u);
  EXPECT_TRUE(world.installer->route(World::service(3))->installed);
  world.withdraw(4, 1);
  world.apply();
  EXPECT_EQ(world.installer->counters().not_installed, 0u);
  log::set_sink({});
}

TEST(Installer, WhatARemovalFreesMayBeThereLater) {
  World world;
  log::set_sink([](log::Level, std::string_view, std::string_view) {});
  world.up(1);
  world.forwarding->maximum_routes = 1;
  world.announce(1, {1});
  world.announce(2, {1});
  world.apply();
  world.forwarding->maximum_routes = 0;  // the grace period lasts
  world.withdraw(1, 1);
  world.apply();
  world.installer->retry_not_installed();
  EXPECT_FALSE(world.installer->route(World::service(2))->installed);
  world.forwarding->maximum_routes = 1;
  world.installer->retry_not_installed();
  EXPECT_TRUE(world.installer->route(World::service(2))->installed);
  EXPECT_EQ(world.installer->counters().not_installed, 0u);
  log::set_sink({});
}

TEST(Installer, NobodyIsToldThatThereIsNoWayBeforeTheNexthopsHaveBeenAsked) {
  constexpr dataplane::AdjacencyId kResolving{998};
  World world;
  world.options.nowhere.resolving = kResolving;
  world.start();
  world.announce(1, {1, 2});
  world.apply();
  EXPECT_EQ(world.table(1), Table{kResolving});
  world.down(1);
  EXPECT_EQ(world.table(1), Table{kResolving}) << "the other may answer";
  world.down(2);
  EXPECT_EQ(world.table(1), Table{World::kUnresolved});
  world.up(2);
  EXPECT_EQ(world.table(1), Table{World::adjacency(2)});
  world.down(2);
  EXPECT_EQ(world.table(1), Table{World::kUnresolved}) << "it has been heard of";
}

TEST(Installer, DiscardRoutesGoBehindEveryOtherRoute) {
  World world;
  constexpr dataplane::AdjacencyId kBlackhole{77};
  world.options.blackhole = kBlackhole;
  world.start();
  world.up(1);
  const hash::Prefix own = World::service(9);
  world.installer->set_direct_route(own, World::adjacency(9));
  world.installer->set_host_route(World::service(8).address(), World::adjacency(8));
  world.announce(1, {1});
  world.apply();

  // 1 has a route, 8 is a neighbor, 9 is our own address; 2 is nobody's.
  const std::set<hash::Prefix> all{World::service(1), World::service(2), World::service(8), own};
  world.installer->set_discard_routes(all);
  EXPECT_EQ(world.table(1), Table{World::adjacency(1)});
  EXPECT_EQ(world.table(2), Table{kBlackhole});
  EXPECT_EQ(world.table(8), Table{World::adjacency(8)});
  EXPECT_EQ(world.table(9), Table{World::adjacency(9)});
  EXPECT_EQ(world.installer->route(World::service(2))->direct_adjacency, kBlackhole);
  EXPECT_FALSE(world.installer->route(World::service(1))->direct_adjacency);

  // A neighbor that goes gives its place back, one that comes takes it.
  world.installer->remove_host_route(World::service(8).address());
  EXPECT_EQ(world.table(8), Table{kBlackhole});
  world.installer->set_host_route(World::service(8).address(), World::adjacency(8));
  EXPECT_EQ(world.table(8), Table{World::adjacency(8)});

  world.withdraw(1, 1);
  world.announce(2, {1});
  world.apply();
  EXPECT_EQ(world.table(1), Table{kBlackhole});
  EXPECT_EQ(world.table(2), Table{World::adjacency(1)});

  world.installer->set_discard_routes({});
  EXPECT_TRUE(world.table(1).empty());
  EXPECT_EQ(world.table(2), Table{World::adjacency(1)});
  EXPECT_EQ(world.table(8), Table{World::adjacency(8)});
  EXPECT_EQ(world.table(9), Table{World::adjacency(9)});
  world.withdraw(2, 1);
  world.apply();
  EXPECT_TRUE(world.table(2).empty());
}

TEST(Installer, NoRoomForAGroup) {
  World world;
  log::set_sink([](log::Level, std::string_view, std::string_view) {});
  for (unsigned n = 1; n <= 4; ++n) world.up(n);
  world.forwarding->maximum_groups = 1;
  world.announce(1, {1, 2});
  world.apply();
  world.announce(2, {3, 4});
  world.apply();
  EXPECT_EQ(world.installer->counters().not_installed, 1u);
  EXPECT_EQ(world.installer->group(dataplane::kNoRoute), std::nullopt);
  world.down(3);
  world.withdraw(1, 1);
  world.withdraw(1, 2);
  world.apply();
  EXPECT_EQ(world.table(2), Table{World::adjacency(4)});

  // A route that must leave its group and finds no other is taken out, since the group may go.
  world.announce(3, {3, 4});
  world.apply();
  EXPECT_EQ(world.forwarding->groups.size(), 1u);
  world.withdraw(3, 4);
  world.apply();
  EXPECT_TRUE(world.table(3).empty());
  EXPECT_FALSE(world.installer->route(World::service(3))->installed);
  world.announce(3, {4});
  world.apply();
  EXPECT_TRUE(world.installer->route(World::service(3))->installed);
  log::set_sink({});
}

TEST(Installer, ShowsRoutesAndGroups) {
  World world;
  world.up(1);
  world.up(2);
  world.announce(1, {1, 2, 3});
  world.apply();
  world.announce(2, {1, 2});
  world.apply();
  const auto route = world.installer->route(World::service(2));
  ASSERT_TRUE(route.has_value());
  EXPECT_EQ(route->nexthops.size(), 2u);
  EXPECT_TRUE(route->nexthops[0].live);
  EXPECT_EQ(route->nexthops[0].port, dataplane::PortIndex{0});
  EXPECT_EQ(world.installer->route(World::service(1))->nexthops[2].port, std::nullopt);
  EXPECT_EQ(world.installer->route(World::service(3)), std::nullopt);

  const auto group = world.installer->group(route->group);
  ASSERT_TRUE(group.has_value());
  EXPECT_EQ(group->layout, world.installer->route(World::service(1))->layout);
  EXPECT_EQ(group->members.size(), 3u);
  EXPECT_EQ(group->announced, (std::vector<bool>{true, true, false}));
  EXPECT_EQ(group->live, (std::vector<bool>{true, true, false}));
  EXPECT_EQ(group->routes, 1u);
  EXPECT_LT(group->worst_deviation, 0.02);
  const Table table = world.table(2);
  ASSERT_EQ(group->table.owners.size(), table.size());
  for (size_t i = 0; i < table.size(); ++i) EXPECT_EQ(table[i], World::adjacency(group->table.owners[i] + 1u));
  EXPECT_EQ(world.installer->groups().size(), 2u);
  EXPECT_NE(world.installer->home(group->layout), nullptr);
}

}  // namespace
}  // namespace ecmpd::control
