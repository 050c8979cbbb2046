// The RIB from events to changes: multipath, sources, policies, sessions that go.
#include "control/rib/rib.h"

#include <gtest/gtest.h>

#include "control/log.h"
#include "tests/control/rib/rib_fixture.h"

namespace ecmpd::control {
namespace {

constexpr const char* kService = "203.0.113.10/32";

TEST_F(RibTest, EqualPathsMakeOneRoute) {
  for (uint8_t n : {13, 11, 12}) up(n);
  for (uint8_t n : {13, 11, 12}) announce(n, kService);
  EXPECT_EQ(flush().size(), 1u) << "one decision, however many updates";
  EXPECT_EQ(route(kService), "bgp 10.0.1.11, 10.0.1.12, 10.0.1.13");
  withdraw(12, kService);
  EXPECT_EQ(route(kService), "bgp 10.0.1.11, 10.0.1.13");
  announce(12, kService);
  EXPECT_EQ(route(kService), "bgp 10.0.1.11, 10.0.1.12, 10.0.1.13");
}

TEST_F(RibTest, ServicesWithTheSameNodesShareASet) {
  for (uint8_t n : {11, 12}) up(n);
  for (const char* service : {"203.0.113.1/32", "203.0.113.2/32", "203.0.113.3/32"}) {
    announce(11, service);
    announce(12, service);
  }
  const auto changes = flush();
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_EQ(changes[0].nexthops, changes[1].nexthops);
  EXPECT_EQ(changes[0].nexthops, changes[2].nexthops);
  EXPECT_EQ(sets.size(), 1u);
}

TEST_F(RibTest, ARefreshAndAFlapBetweenFlushesChangeNothing) {
  up(11);
  announce(11, kService);
  flush();
  announce(11, kService);
  EXPECT_FALSE(rib.dirty()) << "the same path again needs no decision";
  withdraw(11, kService);
  announce(11, kService);
  EXPECT_TRUE(flush().empty());
}

TEST_F(RibTest, ASessionThatGoesTakesItsPathsWithIt) {
  for (uint8_t n : {11, 12}) up(n);
  announce(11, kService);
  announce(12, kService);
  announce(12, "203.0.113.11/32");
  flush();
  down(12);
  flush();
  EXPECT_EQ(loc_rib[kService], "bgp 10.0.1.11");
  EXPECT_EQ(loc_rib.size(), 3u) << "this one, and two connected subnets";
  up(12);
  EXPECT_EQ(rib.counters(peer_id(12))->accepted, 0u);
  announce(12, kService);
  EXPECT_EQ(route(kService), "bgp 10.0.1.11, 10.0.1.12");
}

TEST_F(RibTest, APeerThatGoesTouchesOnlyItsOwnPrefixes) {
  for (uint8_t n : {11, 12}) up(n);
  for (int i = 0; i < 1000; ++i)
    announce(11, ("198.51." + std::to_string(i / 250) + "." + std::to_string(i % 250) + "/32").c_str());
  announce(12, kService);
  flush();
  const uint64_t before = rib.counters().decisions;
  down(12);
  flush();
  EXPECT_EQ(rib.counters().decisions, before + 1);
}

TEST_F(RibTest, OnlyNexthopsThatNobodyElseNamesAreAPeersOwn) {
  up(1);
  up(2);
  announce(1, "203.0.113.1/32");
  announce(1, "203.0.113.2/32", attributes(9));
  EXPECT_EQ(rib.sole_nexthops(peer_id(1)), (std::vector{peer_address(1), peer_address(9)}));
  announce(2, "203.0.113.3/32", attributes(9));
  EXPECT_EQ(rib.sole_nexthops(peer_id(1)), std::vector{peer_address(1)});
  const StaticRouteConfig route{.prefix = net("198.51.100.0/24"), .nexthops = {{.via = peer_address(1)}}};
  rib.set_static_routes(std::vector{route});
  EXPECT_TRUE(rib.sole_nexthops(peer_id(1)).empty());
  EXPECT_TRUE(rib.sole_nexthops(peer_id(2)).empty());
  down(1);
  EXPECT_EQ(rib.sole_nexthops(peer_id(2)), std::vector{peer_address(9)});
  flush();
}

TEST_F(RibTest, NexthopsOfRefusedPathsAreNobodys) {
  up(1);
  announce(1, "203.0.113.1/32");
  policy.import_filter = within({net("198.51.100.0/24"), 32, 32});
  up(2);
  announce(2, "203.0.113.1/32", attributes(1));
  EXPECT_EQ(rib.sole_nexthops(peer_id(1)), std::vector{peer_address(1)});
  EXPECT_TRUE(rib.sole_nexthops(peer_id(2)).empty());
  PeerPolicy all;
  all.import_filter.rules = {ImportRule{}};
  rib.on_policy(peer_id(2), all);  // takes what it had refused
  EXPECT_TRUE(rib.sole_nexthops(peer_id(1)).empty());
  flush();
}

TEST_F(RibTest, WhoNamesTooManyNexthopsOwnsNoneAndNeitherDoOthers) {
  up(1);
  up(2);
  announce(1, "203.0.113.1/32");
  for (unsigned i = 0; i <= Rib::kMaximumNexthops; ++i) {
    bgp::PathAttributes other = attributes(2);
    other.next_hop = hash::IpAddress::v4(0x0a010000u + i);
    EXPECT_EQ(rib.sole_nexthops(peer_id(1)).size(), 1u);
    announce(2, "203.0.113.2/32", other);
  }
  EXPECT_TRUE(rib.sole_nexthops(peer_id(1)).empty());
  EXPECT_TRUE(rib.sole_nexthops(peer_id(2)).empty());
  flush();
}

TEST_F(RibTest, MultipathStopsAtAnUnequalAttribute) {
  for (uint8_t n : {11, 12}) up(n);
  announce(11, kService);
  bgp::PathAttributes longer = attributes(12);
  longer.as_path[0].asns.push_back(64999);
  announce(12, kService, longer);
  EXPECT_EQ(route(kService), "bgp 10.0.1.11");
  const auto paths = rib.paths(net(kService));
  ASSERT_EQ(paths.size(), 2u);
  EXPECT_EQ(paths[0].outcome, Outcome::kBest);
  EXPECT_EQ(paths[1].outcome, Outcome::kAsPathLength);
  withdraw(11, kService);
  EXPECT_EQ(route(kService), "bgp 10.0.1.12");
}

TEST_F(RibTest, LocalPrefCountsInsideTheAsOnly) {
  up(11, 64500);
  up(12, 64500);
  up(13, 64513);
  bgp::PathAttributes preferred = attributes(12);
  preferred.local_pref = 200;
  announce(11, kService);
  announce(12, kService, preferred);
  EXPECT_EQ(route(kService), "bgp 10.0.1.12");
  bgp::PathAttributes pretender = attributes(13);
  pretender.local_pref = 900;
  announce(13, kService, pretender);
  EXPECT_EQ(route(kService), "bgp 10.0.1.12") << "an external LOCAL_PREF is ignored (RFC 4271 section 5.1.5)";
}

TEST_F(RibTest, LoopsAndUnusableNexthopsAreNotEligible) {
  up(11);
  const auto with_nexthop = [](const char* nexthop) {
    bgp::PathAttributes changed = attributes(11);
    changed.next_hop = ip(nexthop);
    return changed;
  };
  bgp::PathAttributes loop = attributes(11);
  loop.as_path[0].asns.push_back(64500);
  const std::vector<std::pair<bgp::PathAttributes, Outcome>> cases = {
      {loop, Outcome::kIneligibleLoop},
      {with_nexthop("10.0.2.1"), Outcome::kIneligibleNexthop},    // ours
      {with_nexthop("192.0.2.9"), Outcome::kIneligibleNexthop},   // in no subnet
      {with_nexthop("10.0.1.255"), Outcome::kIneligibleNexthop},  // broadcast
      {with_nexthop("10.0.1.0"), Outcome::kIneligibleNexthop},
      {with_nexthop("224.0.0.5"), Outcome::kIneligibleNexthop},
      {with_nexthop("127.0.0.1"), Outcome::kIneligibleNexthop},
      {with_nexthop("0.0.0.0"), Outcome::kIneligibleNexthop},
      {with_nexthop("2001:db8::1"), Outcome::kIneligibleNexthop},
  };
  for (const auto& [changed, outcome] : cases) {
    announce(11, kService, changed);
    EXPECT_EQ(route(kService), "none") << changed.next_hop.to_string();
    ASSERT_EQ(rib.paths(net(kService)).size(), 1u);
    EXPECT_EQ(rib.paths(net(kService))[0].outcome, outcome);
  }
  announce(11, kService, with_nexthop("10.0.2.77"));
  EXPECT_EQ(route(kService), "bgp 10.0.2.77") << "a nexthop beside the peer is fine";
}

TEST_F(RibTest, NewInterfacesMakeNexthopsUsable) {
  up(11);
  bgp::PathAttributes elsewhere = attributes(11);
  elsewhere.next_hop = ip("192.0.2.9");
  announce(11, kService, elsewhere);
  EXPECT_EQ(route(kService), "none");
  const InterfaceAddress more[] = {interface("10.0.1.1", 24), interface("192.0.2.1", 24)};
  rib.set_interfaces(more);
  EXPECT_EQ(route(kService), "bgp 192.0.2.9");
  EXPECT_EQ(route("192.0.2.0/24"), "connected");
  rib.set_interfaces(std::span(more).first(1));
  EXPECT_EQ(route(kService), "none");
  EXPECT_EQ(route("192.0.2.0/24"), "none");
}

TEST_F(RibTest, ConnectedThenStaticThenBgp) {
  up(11);
  announce(11, kService);
  announce(11, "10.0.1.0/24");
  EXPECT_EQ(route(kService), "bgp 10.0.1.11");
  EXPECT_EQ(route("10.0.1.0/24"), "connected");
  EXPECT_EQ(rib.find(net("10.0.1.0/24"))->source, RouteSource::kConnected);
  EXPECT_EQ(rib.paths(net("10.0.1.0/24"))[0].outcome, Outcome::kOtherSource);

  const StaticRouteConfig routes[] = {{net(kService), {{ip("10.0.2.9"), 3}, {ip("10.0.2.8"), 1}, {ip("192.0.2.1"), 1}}},
                                      {net("10.0.2.0/24"), {{ip("10.0.1.5"), 1}}}};
  rib.set_static_routes(routes);
  EXPECT_EQ(route(kService), "static 10.0.2.8, 10.0.2.9 weight 3") << "without the nexthop that is in no subnet";
  EXPECT_EQ(rib.find(net("10.0.2.0/24"))->source, RouteSource::kConnected);
  rib.set_static_routes({});
  EXPECT_EQ(route(kService), "bgp 10.0.1.11");
  EXPECT_EQ(rib.find(net("10.0.2.0/24"))->source, RouteSource::kConnected);
}

TEST_F(RibTest, StaticRoutesOfBothFamiliesOverIpv6Nexthops) {
  const auto at = [](const char* text) { return *hash::IpAddress::parse(text); };
  const InterfaceAddress ports[] = {{at("10.0.1.1"), 24}, {at("fd00:1::1"), 64}, {at("fe80::1"), 64}};
  rib.set_interfaces(ports);
  const hash::IpAddress global = at("fd00:1::b"), first = at("fe80::b").with_zone(1),
                        second = at("fe80::b").with_zone(2);
  const StaticRouteConfig routes[] = {
      {net("2001:db8::/32"), {{global, 1}, {first, 1}, {second, 2}}},
      {net("198.51.100.0/24"), {{at("10.0.1.11"), 1}, {first, 1}}},
      {net("2001:db8:1::/48"), {{at("fd00:1::1"), 1}, {at("fd00:2::1"), 1}}},  // our own address, and nowhere
      {net("2001:db8:2::/48"), {{at("fe80::b"), 1}}},                          // on no port
  };
  rib.set_static_routes(routes);
  EXPECT_EQ(route("2001:db8::/32"), "static fd00:1::b, fe80::b%1, fe80::b%2 weight 2");
  EXPECT_EQ(route("198.51.100.0/24"), "static 10.0.1.11, fe80::b%1");
  EXPECT_EQ(route("2001:db8:1::/48"), "none");
  EXPECT_EQ(route("2001:db8:2::/48"), "none");
  EXPECT_EQ(route("fd00:1::/64"), "connected");
  EXPECT_EQ(route("fe80::/64"), "none") << "every link has it";
}

TEST_F(RibTest, ImportFilters) {
  policy.import_filter = {};
  up(11);
  announce(11, kService);
  EXPECT_EQ(route(kService), "none") << "no import accepts nothing (RFC 8212)";
  EXPECT_EQ(rib.counters(peer_id(11))->filtered, 1u);

  policy.import_filter = within({net("203.0.113.0/24"), 24, 32});
  up(12);
  announce(12, kService);
  announce(12, "203.0.114.1/32");
  EXPECT_EQ(route(kService), "bgp 10.0.1.12");
  EXPECT_EQ(route("203.0.114.1/32"), "none");
  EXPECT_EQ(rib.counters(peer_id(12))->accepted, 1u);
  EXPECT_EQ(rib.adj_rib_in(peer_id(12)), std::vector{net(kService)});

  policy.import_filter = within({net("203.0.113.0/24"), 24, 24});
  EXPECT_FALSE(rib.on_policy(peer_id(12), policy));
  EXPECT_EQ(route(kService), "none");
  policy.import_filter = within({net("203.0.112.0/22"), 22, 32});
  EXPECT_FALSE(rib.on_policy(peer_id(12), policy)) << "nothing has to be sent again";
  EXPECT_EQ(route(kService), "bgp 10.0.1.12");
  EXPECT_EQ(route("203.0.114.1/32"), "bgp 10.0.1.12");
}

TEST_F(RibTest, MaximumPrefixCountsWhatIsKept) {
  policy.import_filter = within({net("203.0.113.0/24"), 24, 32});
  policy.maximum_prefix = 2;
  up(11);
  using enum bgp::UpdateVerdict;
  EXPECT_EQ(announce(11, "203.0.113.1/32"), kOk);
  EXPECT_EQ(announce(11, "198.51.100.1/32"), kOk) << "refused, does not count";
  EXPECT_EQ(announce(11, "203.0.113.2/32"), kOk);
  EXPECT_EQ(announce(11, "203.0.113.2/32"), kOk) << "again, does not count";
  withdraw(11, "203.0.113.1/32");
  EXPECT_EQ(announce(11, "203.0.113.3/32"), kOk);
  EXPECT_EQ(announce(11, "203.0.113.4/32"), kMaximumPrefixReached);
  EXPECT_EQ(rib.counters(peer_id(11))->accepted, 2u);
  down(11);
  flush();
  EXPECT_EQ(loc_rib.size(), 2u) << "the connected subnets";
}

TEST_F(RibTest, MaximumPathsCutsDeterministicallyAndSaysSo) {
  std::vector<std::string> lines;
  log::set_sink([&](log::Level, std::string_view, std::string_view text) { lines.emplace_back(text); });
  for (uint8_t n : {16, 14, 12, 11, 13, 15}) up(n);
  for (uint8_t n : {16, 14, 12, 11, 13, 15}) announce(n, kService);
  EXPECT_EQ(route(kService), "bgp 10.0.1.11, 10.0.1.12, 10.0.1.13, 10.0.1.14");
  EXPECT_EQ(rib.counters().truncated, 1u);
  EXPECT_EQ(lines.size(), 1u);
  withdraw(11, kService);
  EXPECT_EQ(route(kService), "bgp 10.0.1.12, 10.0.1.13, 10.0.1.14, 10.0.1.15");
  EXPECT_EQ(lines.size(), 1u) << "logged once, when it begins";
  rib.set_maximum_paths(8);
  EXPECT_EQ(route(kService), "bgp 10.0.1.12, 10.0.1.13, 10.0.1.14, 10.0.1.15, 10.0.1.16");
  log::set_sink({});
}

TEST_F(RibTest, AWithdrawnPrefixLeavesNothingBehind) {
  const RibCounters empty = rib.counters();
  up(11);
  for (int round = 0; round < 500; ++round) {
    announce(11, kService);
    flush();
    withdraw(11, kService);
    flush();
  }
  EXPECT_LT(rib.memory_bytes(), 100'000u);
  down(11);
  EXPECT_EQ(rib.counters().prefixes, empty.prefixes);
  EXPECT_EQ(rib.counters().attribute_sets, 0u);
  EXPECT_EQ(rib.counters().nexthop_sets, 0u);
}

}  // namespace
}  // namespace ecmpd::control
