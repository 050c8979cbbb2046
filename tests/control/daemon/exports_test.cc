#include "control/daemon/exports.h"

#include "control/log.h"
#include "tests/control/daemon/exports_fixture.h"

namespace ecmpd::control {
namespace {

TEST_F(ExportsTest, APrefixIsAnnouncedWhileANexthopLives) {
  upstream_up(anything());
  for (const uint8_t n : {1, 2}) {
    node_up(n);
    announce(n, kService);
  }
  EXPECT_EQ(flush(), "end of rib;") << "nobody has answered yet";
  int told_of_work = 0;
  installer.on_flipped([&] { ++told_of_work; });
  neighbor_up(1);
  EXPECT_EQ(told_of_work, 1);
  EXPECT_EQ(flush(), "+203.0.113.10/32 via 10.0.0.1;");
  neighbor_up(2);
  neighbor_down(1);
  EXPECT_EQ(told_of_work, 1) << "one member lives all the time";
  EXPECT_EQ(flush(), "");
  neighbor_down(2);
  EXPECT_EQ(told_of_work, 2);
  EXPECT_EQ(flush(), "-203.0.113.10/32;") << "the sessions are up, the nodes are not";
  neighbor_up(1);
  EXPECT_EQ(flush(), "+203.0.113.10/32 via 10.0.0.1;");
}

TEST_F(ExportsTest, ANexthopThatComesBackBeforeTheFlushIsNoNews) {
  upstream_up(anything());
  node_up(1);
  neighbor_up(1);
  announce(1, kService);
  EXPECT_EQ(flush(), "+203.0.113.10/32 via 10.0.0.1;end of rib;");
  neighbor_down(1);
  neighbor_up(1);
  EXPECT_EQ(flush(), "");
}

TEST_F(ExportsTest, OnlyTheDeadGroupsPrefixesGo) {
  upstream_up(anything());
  for (const uint8_t n : {1, 2}) {
    node_up(n);
    neighbor_up(n);
  }
  announce(1, kService);
  announce(2, "203.0.113.20/32");
  flush();
  neighbor_down(2);
  EXPECT_EQ(flush(), "-203.0.113.20/32;");
  announce(1, "203.0.113.20/32");
  EXPECT_EQ(flush(), "+203.0.113.20/32 via 10.0.0.1;") << "by a change of routes, another member is there";
  withdraw(1, "203.0.113.20/32");
  EXPECT_EQ(flush(), "-203.0.113.20/32;");
}

TEST_F(ExportsTest, AnAggregateLastsWhileOneOfItsPrefixesIsReachable) {
  upstream_up(aggregate("203.0.112.0/20"));
  for (const uint8_t n : {1, 2}) {
    node_up(n);
    neighbor_up(n);
  }
  announce(1, kService);
  announce(2, "203.0.113.20/32");
  EXPECT_EQ(flush(), "+203.0.112.0/20 via 10.0.0.1;end of rib;");
  EXPECT_EQ(exports.aggregates(), std::set{net("203.0.112.0/20")});
  neighbor_down(1);
  EXPECT_EQ(flush(), "");
  neighbor_down(2);
  EXPECT_EQ(flush(), "-203.0.112.0/20;");
  EXPECT_TRUE(exports.aggregates().empty());
  neighbor_up(1);
  EXPECT_EQ(flush(), "+203.0.112.0/20 via 10.0.0.1;");
  exports.down(kUpstream);
  EXPECT_TRUE(exports.aggregates().empty());
}

TEST_F(ExportsTest, WhatTheFibHasNoRoomForIsNotAnnounced) {
  log::set_sink([](log::Level, std::string_view, std::string_view) {});
  upstream_up(anything());
  node_up(1);
  neighbor_up(1);
  forwarding.maximum_routes = 1;
  announce(1, kService);
  announce(1, "203.0.113.20/32");
  EXPECT_EQ(flush(), "+203.0.113.10/32 via 10.0.0.1;end of rib;");
  withdraw(1, kService);
  EXPECT_EQ(flush(), "-203.0.113.10/32;+203.0.113.20/32 via 10.0.0.1;");
  announce(1, kService);
  EXPECT_EQ(flush(), "");
  forwarding.maximum_routes = 2;
  installer.retry_not_installed();
  EXPECT_EQ(flush(), "+203.0.113.10/32 via 10.0.0.1;");
  log::set_sink({});
}

TEST_F(ExportsTest, ANeighborBehindOthersGetsOurEndOfItsSessionAsNexthop) {
  log::set_sink([](log::Level, std::string_view, std::string_view) {});
  node_up(1);
  neighbor_up(1);
  announce(1, kService);
  announce(1, "2001:db8::10/128");
  bgp::PeerInfo far = upstream(anything(), "192.0.2.1");
  exports.established(kUpstream, far);
  EXPECT_EQ(flush(), "end of rib;") << "nobody knows from where";
  far.local_address = ip("10.0.0.1");
  exports.established(kUpstream, far);
  EXPECT_EQ(flush(), "+203.0.113.10/32 via 10.0.0.1;+2001:db8::10/128 via fd00::1;end of rib;");
  far.local_address = ip("10.0.1.254");
  exports.established(kUpstream, far);
  EXPECT_EQ(flush(), "+203.0.113.10/32 via 10.0.1.254;end of rib;") << "that port has no IPv6 address";
  // On its own link the port decides, not the address that it happened to call.
  bgp::PeerInfo near = upstream(anything());
  near.local_address = ip("10.0.1.254");
  exports.established(kUpstream, near);
  EXPECT_EQ(flush(), "+203.0.113.10/32 via 10.0.0.1;+2001:db8::10/128 via fd00::1;end of rib;");
  log::set_sink({});
}

TEST_F(ExportsTest, ALinkLocalSessionGetsTheLinkLocalNexthopToo) {
  log::set_sink([](log::Level, std::string_view, std::string_view) {});
  node_up(1);
  neighbor_up(1);
  announce(1, kService);
  announce(1, "2001:db8::10/128");
  bgp::PeerInfo neighbor = upstream(anything());
  neighbor.address = ip("fe80::2").with_zone(1);
  exports.established(kUpstream, neighbor);
  EXPECT_EQ(flush(), "+203.0.113.10/32 via 10.0.0.1;+2001:db8::10/128 via fd00::1+fe80::1;end of rib;");
  exports.established(kUpstream, upstream(anything(), "fd00::2"));
  EXPECT_EQ(flush(), "+203.0.113.10/32 via 10.0.0.1;+2001:db8::10/128 via fd00::1;end of rib;");
  neighbor.address = ip("fe80::2").with_zone(2);
  exports.established(kUpstream, neighbor);
  EXPECT_EQ(flush(), "+203.0.113.10/32 via 10.0.1.254;end of rib;") << "that port has no IPv6 address";
  log::set_sink({});
}

TEST_F(ExportsTest, StaticRoutesToo) {
  upstream_up(anything());
  const StaticRouteConfig route{.prefix = net("198.51.100.0/24"), .nexthops = {{.via = node(1), .weight = 1}}};
  rib.set_static_routes({&route, 1});
  EXPECT_EQ(flush(), "end of rib;");
  neighbor_up(1);
  EXPECT_EQ(flush(), "+198.51.100.0/24 via 10.0.0.1;");
  neighbor_down(1);
  EXPECT_EQ(flush(), "-198.51.100.0/24;");
}

TEST_F(ExportsTest, EndOfRibComesOnceBehindTheWholeTable) {
  node_up(1);
  neighbor_up(1);
  announce(1, kService);
  announce(1, "2001:db8::10/128");
  flush();
  upstream_up(anything());
  exports.established(bgp::PeerId{8}, upstream(anything(), "10.0.0.8"));
  exports.established(bgp::PeerId{7}, upstream(ExportFilter{}, "10.0.0.7"));  // its session sends its own at once
  // The order of peers is that of their numbers; within one, the table is complete before End-of-RIB.
  EXPECT_EQ(flush(),
            "8: +203.0.113.10/32 via 10.0.0.1;8: +2001:db8::10/128 via fd00::1;8: end of rib;"
            "+203.0.113.10/32 via 10.0.0.1;+2001:db8::10/128 via fd00::1;end of rib;");
  announce(1, "203.0.113.20/32");
  EXPECT_EQ(flush(), "8: +203.0.113.20/32 via 10.0.0.1;+203.0.113.20/32 via 10.0.0.1;") << "no second one";

  // Neither a repetition nor another policy is a new session; an empty table has an end, too.
  EXPECT_TRUE(exports.refresh(kUpstream, bgp::Family::kIpv6));
  EXPECT_EQ(flush(), "+2001:db8::10/128 via fd00::1;");
  exports.policy_changed(kUpstream, upstream(aggregate("198.51.100.0/24")).policy);
  EXPECT_EQ(flush(), "-203.0.113.10/32;-203.0.113.20/32;-2001:db8::10/128;");
  exports.down(bgp::PeerId{8});
  exports.down(kUpstream);
  upstream_up(aggregate("198.51.100.0/24"));
  EXPECT_EQ(flush(), "end of rib;");
}

TEST_F(ExportsTest, APolicyThatComesDuringASessionOwesNoEndOfRib) {
  node_up(1);
  neighbor_up(1);
  announce(1, kService);
  upstream_up(ExportFilter{});
  EXPECT_FALSE(exports.any());
  EXPECT_EQ(flush(), "");
  exports.policy_changed(kUpstream, upstream(anything()).policy);
  EXPECT_EQ(flush(), "+203.0.113.10/32 via 10.0.0.1;");
}

}  // namespace
}  // namespace ecmpd::control
