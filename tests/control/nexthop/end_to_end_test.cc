// Sessions to buckets: the RIB and the installer together, as the daemon runs them.
#include <gtest/gtest.h>

#include "control/nexthop/route_installer.h"
#include "control/rib/rib.h"
#include "tests/control/nexthop/fake_forwarding.h"

namespace ecmpd::control {
namespace {

constexpr unsigned kNodes = 16;
constexpr unsigned kServices = 200;

class EndToEnd : public testing::Test {
 protected:
  EndToEnd() {
    const InterfaceAddress ports[] = {{hash::IpAddress::v4(0x0a000101), 24}};
    rib.set_interfaces(ports);
    for (unsigned n = 0; n < kNodes; ++n) {
      installer.nexthop_up(node(n), dataplane::AdjacencyId{static_cast<uint16_t>(n + 1)}, dataplane::PortIndex{0});
    }
  }
  static hash::IpAddress node(unsigned n) { return hash::IpAddress::v4(0x0a00010b + n); }
  static hash::Prefix service(unsigned s) { return {hash::IpAddress::v4(0xcb007100 + s), 32}; }

  void session_up(unsigned n) {
    bgp::PeerInfo info;
    info.address = node(n);
    info.asn = 64512;
    info.router_id = n + 1;
    info.policy.import_filter.rules = {ImportRule{}};
    rib.on_established(bgp::PeerId{n}, info);
    bgp::PathAttributes attributes;
    attributes.origin = bgp::Origin::kIgp;
    attributes.as_path.push_back({.type = bgp::AsPathSegment::Type::kSequence, .asns = {64512}});
    attributes.next_hop = node(n);
    for (unsigned s = 0; s < kServices; ++s) {
      const hash::Prefix prefix = service(s);
      ASSERT_EQ(rib.on_update(bgp::PeerId{n}, {attributes, {&prefix, 1}}), bgp::UpdateVerdict::kOk);
    }
    rib.on_end_of_rib(bgp::PeerId{n}, bgp::Family::kIpv4);
  }
  void session_down(unsigned n) { rib.on_down(bgp::PeerId{n}, "hold timer expired", {}); }
  void flush() {
    std::vector<RouteChange> changes;
    rib.flush(changes);
    installer.apply(changes, now);
  }

  NexthopSets sets;
  Rib rib{{.asn = 64500, .maximum_paths = 1024}, sets};
  FakeForwarding forwarding;
  RouteInstaller installer{InstallerOptions(), forwarding, sets, rib.table()};
  Time now{};
};

TEST_F(EndToEnd, ANodeThatDiesAndReturnsTouchesNoRoute) {
  for (unsigned n = 0; n < kNodes; ++n) {
    session_up(n);
    if (n % 3 == 0) flush();
  }
  flush();
  installer.release(now);
  EXPECT_EQ(forwarding.groups.size(), 1u);
  EXPECT_EQ(forwarding.set, kServices);
  EXPECT_EQ(installer.counters().group_changes.created, 1u);
  const auto before = forwarding.table(service(0));

  now += std::chrono::seconds(10);
  session_down(5);  // the session first,
  flush();
  installer.nexthop_down(node(5));  // then the neighbor
  EXPECT_EQ(forwarding.replaced, 1u);
  const auto without = forwarding.table(service(0));
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_TRUE(without[i] == before[i] || before[i] == dataplane::AdjacencyId{6});
    EXPECT_NE(without[i], dataplane::AdjacencyId{6});
  }
  now += std::chrono::seconds(10);
  session_up(5);  // routes of a node that is not resolved yet change nothing
  flush();
  EXPECT_EQ(forwarding.table(service(0)), without);
  installer.nexthop_up(node(5), dataplane::AdjacencyId{6}, dataplane::PortIndex{0});
  EXPECT_EQ(forwarding.table(service(0)), before);
  EXPECT_EQ(forwarding.replaced, 2u);
  EXPECT_EQ(forwarding.set, kServices);

  for (unsigned n = 0; n < kNodes; ++n) session_down(n);
  flush();
  EXPECT_TRUE(forwarding.routes.empty());
  EXPECT_TRUE(forwarding.groups.empty());
  EXPECT_EQ(sets.size(), 0u);
  EXPECT_TRUE(installer.nexthops_in_use().empty());
}

}  // namespace
}  // namespace ecmpd::control
