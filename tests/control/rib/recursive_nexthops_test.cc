// Paths whose nexthops lie in none of our subnets: 192.0.2.n, of peers in our own AS.
#include <algorithm>

#include "hash/random.h"
#include "tests/control/rib/rib_fixture.h"

namespace ecmpd::control {
namespace {

constexpr const char* kService = "203.0.113.10/32";
constexpr uint32_t kOwnAs = 64500;

class RecursiveNexthopsTest : public RibTest {
 protected:
  static bgp::PathAttributes by(const char* nexthop) {
    bgp::PathAttributes out = attributes(11);
    out.next_hop = ip(nexthop);
    return out;
  }
  void set_static(std::initializer_list<std::pair<const char*, std::vector<StaticNexthop>>> routes) {
    std::vector<StaticRouteConfig> config;
    for (const auto& [prefix, nexthops] : routes) config.push_back({.prefix = net(prefix), .nexthops = nexthops});
    rib.set_static_routes(config);
  }
  static StaticNexthop via(const char* address, uint16_t weight = 1) { return {.via = ip(address), .weight = weight}; }
  /// Of the only path of the prefix.
  PathView path(const char* prefix) {
    const auto paths = rib.paths(net(prefix));
    EXPECT_EQ(paths.size(), 1u);
    return paths.at(0);
  }
};

TEST_F(RecursiveNexthopsTest, AStaticRouteLeadsThere) {
  up(1, kOwnAs);
  announce(1, kService, by("192.0.2.1"));
  EXPECT_EQ(route(kService), "none");
  EXPECT_EQ(path(kService).outcome, Outcome::kIneligibleNexthop);
  ASSERT_NE(path(kService).resolved, nullptr);
  EXPECT_TRUE(path(kService).resolved->empty());

  set_static({{"192.0.2.1/32", {via("10.0.1.20")}}});
  EXPECT_EQ(route(kService), "bgp 10.0.1.20");
  EXPECT_EQ(to_string(*path(kService).resolved), "10.0.1.20");
  set_static({{"192.0.2.1/32", {via("10.0.2.20")}}});
  EXPECT_EQ(route(kService), "bgp 10.0.2.20");
  set_static({});
  EXPECT_EQ(route(kService), "none");
}

TEST_F(RecursiveNexthopsTest, TheLongestPrefixLeadsThereButNotTheDefaultRoute) {
  up(1, kOwnAs);
  up(11);
  up(12);
  announce(1, kService, by("192.0.2.1"));
  announce(11, "0.0.0.0/0");
  EXPECT_EQ(route(kService), "none");
  announce(11, "192.0.2.0/24");
  EXPECT_EQ(route(kService), "bgp 10.0.1.11");
  announce(12, "192.0.2.0/31");
  EXPECT_EQ(route(kService), "bgp 10.0.1.12");
  announce(11, "192.0.2.0/31");
  EXPECT_EQ(route(kService), "bgp 10.0.1.11, 10.0.1.12");
  withdraw(12, "192.0.2.0/31");
  withdraw(11, "192.0.2.0/31");
  EXPECT_EQ(route(kService), "bgp 10.0.1.11");
  down(11);
  EXPECT_EQ(route(kService), "none");
}

TEST_F(RecursiveNexthopsTest, SharesAreSplitAmongThoseThatLeadThere) {
  up(1, kOwnAs);
  up(2, kOwnAs);
  set_static({{"192.0.2.1/32", {via("10.0.1.20"), via("10.0.1.21")}},
              {"192.0.2.2/32", {via("10.0.1.30", 3), via("10.0.1.20")}}});
  announce(1, kService, by("192.0.2.1"));
  announce(2, kService, by("10.0.1.9"));
  EXPECT_EQ(route(kService), "bgp 10.0.1.9 weight 2, 10.0.1.20, 10.0.1.21");
  announce(2, kService, by("192.0.2.2"));
  EXPECT_EQ(route(kService), "bgp 10.0.1.20 weight 3, 10.0.1.21 weight 2, 10.0.1.30 weight 3");
  set_static({{"192.0.2.1/32", {via("10.0.1.20")}}, {"192.0.2.2/32", {via("10.0.1.20")}}});
  EXPECT_EQ(route(kService), "bgp 10.0.1.20") << "one nexthop has all shares";
}

TEST_F(RecursiveNexthopsTest, NothingLeadsToItsOwnNexthop) {
  up(1, kOwnAs);
  up(11);
  announce(11, "192.0.2.0/24");
  announce(1, "192.0.2.0/28", by("192.0.2.1"));
  EXPECT_EQ(route("192.0.2.0/28"), "bgp 10.0.1.11");
  EXPECT_TRUE(flush().empty()) << "it stays so";
  // A prefix with a path by its own address resolves nothing, even if another path of it would.
  announce(11, "192.0.2.0/28");
  EXPECT_EQ(route("192.0.2.0/28"), "bgp 10.0.1.11");
  withdraw(11, "192.0.2.0/24");
  EXPECT_EQ(route("192.0.2.0/28"), "bgp 10.0.1.11") << "by the path of 10.0.1.11 alone";
  withdraw(11, "192.0.2.0/28");
  EXPECT_EQ(route("192.0.2.0/28"), "none");
  EXPECT_TRUE(flush().empty());
}

TEST_F(RecursiveNexthopsTest, AStaticRouteLeadsThereWhateverElseIsAnnouncedForIt) {
  set_static({{"192.0.2.1/32", {via("10.0.1.20")}}});
  up(1, kOwnAs);
  announce(1, kService, by("192.0.2.1"));
  announce(1, "192.0.2.1/32", by("192.0.2.1"));
  EXPECT_EQ(route(kService), "bgp 10.0.1.20");
  EXPECT_EQ(route("192.0.2.1/32"), "static 10.0.1.20");
  set_static({});
  EXPECT_EQ(route(kService), "none");
  set_static({{"192.0.2.1/32", {via("10.0.1.20")}}});
  EXPECT_EQ(route(kService), "bgp 10.0.1.20");
}

TEST_F(RecursiveNexthopsTest, WhatIsRefusedChangesNothing) {
  up(11);
  announce(11, "192.0.2.0/24");
  policy.import_filter = within({.prefix = net("203.0.113.0/24"), .ge = 24, .le = 32});
  up(1, kOwnAs);
  announce(1, kService, by("192.0.2.1"));
  announce(1, "192.0.2.0/24", by("192.0.2.1"));
  EXPECT_EQ(route(kService), "bgp 10.0.1.11");
  announce(11, "192.0.2.0/30");
  EXPECT_EQ(route(kService), "bgp 10.0.1.11");
  withdraw(11, "192.0.2.0/30");
  EXPECT_EQ(route(kService), "bgp 10.0.1.11");
}

TEST_F(RecursiveNexthopsTest, APeerOnALinkOfOursHasItsNexthopsThere) {
  set_static({{"192.0.2.1/32", {via("10.0.1.20")}}});
  up(11);
  announce(11, kService, by("192.0.2.1"));
  EXPECT_EQ(route(kService), "none");
  EXPECT_EQ(path(kService).nexthop, NexthopVerdict::kUnreachable);
  EXPECT_EQ(path(kService).resolved, nullptr);
}

TEST_F(RecursiveNexthopsTest, ANewSubnetTakesTheNexthopIn) {
  up(1, kOwnAs);
  set_static({{"192.0.2.0/24", {via("10.0.1.20")}}});
  announce(1, kService, by("192.0.2.1"));
  EXPECT_EQ(route(kService), "bgp 10.0.1.20");
  const InterfaceAddress more[] = {interface("10.0.1.1", 24), interface("192.0.2.100", 25)};
  rib.set_interfaces(more);
  EXPECT_EQ(route(kService), "bgp 192.0.2.1");
  rib.set_interfaces(std::span(more).first(1));
  EXPECT_EQ(route(kService), "bgp 10.0.1.20");
}

TEST_F(RecursiveNexthopsTest, WhatLeadsToOthersNexthopsIsNotLeftAheadOfTime) {
  up(1, kOwnAs);
  up(11);
  up(12);
  announce(11, "192.0.2.0/24");
  announce(12, "198.51.100.0/24");
  announce(1, kService, by("192.0.2.1"));
  flush();
  EXPECT_TRUE(rib.sole_nexthops(peer_id(11)).empty());
  EXPECT_EQ(rib.sole_nexthops(peer_id(12)), std::vector{peer_address(12)});
}

/// What comes out follows from what is there, not from the order in which it came.
TEST_F(RecursiveNexthopsTest, TheOrderOfEventsDoesNotMatter) {
  const char* const prefixes[] = {"192.0.2.0/24", "192.0.2.0/30", "192.0.2.2/31",
                                  "192.0.2.1/32", kService,       "203.0.113.0/24"};
  const char* const nexthops[] = {"192.0.2.1", "192.0.2.2", "203.0.113.7", "10.0.1.40", "10.0.2.41"};
  hash::Random random(11);
  for (int round = 0; round < 200; ++round) {
    std::map<std::pair<uint8_t, const char*>, const char*> there;
    for (uint8_t n : {1, 2, 3}) up(n, kOwnAs);
    for (int step = 0; step < 40; ++step) {
      const auto n = static_cast<uint8_t>(1 + random.below(3));
      const char* prefix = prefixes[random.below(std::size(prefixes))];
      if (random.below(3) == 0) {
        withdraw(n, prefix);
        there.erase({n, prefix});
      } else {
        const char* nexthop = nexthops[random.below(std::size(nexthops))];
        announce(n, prefix, by(nexthop));
        there[{n, prefix}] = nexthop;
      }
      if (random.below(2) == 0) flush();
    }
    flush();
    std::map<std::string, std::string> first;
    for (const char* prefix : prefixes) first[prefix] = route(prefix);
    for (uint8_t n : {1, 2, 3}) down(n);
    flush();
    for (uint8_t n : {1, 2, 3}) up(n, kOwnAs);
    for (const auto& [where, nexthop] : there) announce(where.first, where.second, by(nexthop));
    for (const char* prefix : prefixes) EXPECT_EQ(route(prefix), first[prefix]) << prefix << " in round " << round;
    EXPECT_TRUE(flush().empty());
    for (uint8_t n : {1, 2, 3}) down(n);
    flush();
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace ecmpd::control
