// Counts by address family: of a peer's paths, of the table, and of what a neighbor is told.
#include "control/log.h"
#include "control/rib/adj_rib_out.h"
#include "tests/control/rib/export_filters.h"
#include "tests/control/rib/rib_fixture.h"

namespace ecmpd::control {
namespace {

constexpr bgp::PeerId kNode{11};
constexpr const char *kIpv4 = "203.0.113.1/32", *kIpv6 = "2001:db8::1/128", *kOtherIpv6 = "2001:db8::2/128";

class FamilyCounts : public RibTest {
 protected:
  /// "accepted/filtered/not_kept", of IPv4 and of IPv6.
  std::string counts() {
    std::string out;
    for (const hash::Family family : {hash::Family::kIpv4, hash::Family::kIpv6}) {
      const PeerCounters::Family here = rib.counters(kNode)->of(family);
      if (!out.empty()) out += " ";
      out += std::to_string(here.accepted) + "/" + std::to_string(here.filtered) + "/" + std::to_string(here.not_kept);
    }
    return out;
  }
  void establish(bool restarted = false) {
    bgp::PeerInfo info;
    info.address = peer_address(11);
    info.asn = 64512;
    info.policy = policy;
    if (restarted) info.graceful_restart = {.offered = true, .families = {.ipv6 = true}, .forwarding = {.ipv6 = true}};
    rib.on_established(kNode, info);
  }
};

TEST_F(FamilyCounts, FollowAnnouncementsAndWithdrawals) {
  establish();
  for (const char* prefix : {kIpv4, kIpv6, kOtherIpv6}) announce(11, prefix);
  EXPECT_EQ(counts(), "1/0/0 2/0/0");
  announce(11, kIpv6);
  bgp::PathAttributes other = attributes(11);
  other.med = 7;
  announce(11, kOtherIpv6, other);
  EXPECT_EQ(counts(), "1/0/0 2/0/0") << "in place of what was there";
  withdraw(11, kIpv6);
  withdraw(11, "2001:db8::3/128");
  EXPECT_EQ(counts(), "1/0/0 1/0/0");
  withdraw(11, kIpv4);
  withdraw(11, kOtherIpv6);
  EXPECT_EQ(counts(), "0/0/0 0/0/0");
}

TEST_F(FamilyCounts, FollowThePolicy) {
  policy.import_filter = within({net("203.0.113.0/24"), 24, 32});
  establish();
  for (const char* prefix : {kIpv4, kIpv6, kOtherIpv6}) announce(11, prefix);
  EXPECT_EQ(counts(), "1/0/0 0/2/0");
  policy.import_filter.rules = {ImportRule{}};
  rib.on_policy(kNode, policy);
  EXPECT_EQ(counts(), "1/0/0 2/0/0");
  policy.import_filter = within({net("2001:db8::/32"), 32, 128});
  rib.on_policy(kNode, policy);
  EXPECT_EQ(counts(), "0/1/0 2/0/0");
}

TEST_F(FamilyCounts, CountWhatThereIsNoRoomFor) {
  log::set_sink([](log::Level, std::string_view, std::string_view) {});
  policy.maximum_prefix = 2;
  policy.maximum_prefix_action = MaximumPrefixAction::kDiscard;
  establish();
  for (const char* prefix : {kIpv4, kIpv6, kOtherIpv6}) announce(11, prefix);
  log::set_sink({});
  EXPECT_EQ(counts(), "1/0/0 1/0/1");
  policy.maximum_prefix = 0;
  EXPECT_TRUE(rib.on_policy(kNode, policy)) << "the peer is to repeat what was not kept";
  EXPECT_EQ(counts(), "1/0/0 1/0/0");
}

TEST_F(FamilyCounts, SurviveAGracefulRestart) {
  establish();
  for (const char* prefix : {kIpv4, kIpv6, kOtherIpv6}) announce(11, prefix);
  rib.on_down(kNode, "test", {.families = {.ipv6 = true}, .restart_time = std::chrono::seconds(120)});
  EXPECT_EQ(counts(), "0/0/0 2/0/0");
  establish(true);
  announce(11, kIpv4);
  announce(11, kIpv6);
  EXPECT_EQ(counts(), "1/0/0 2/0/0");
  rib.on_end_of_rib(kNode, hash::Family::kIpv6);
  EXPECT_EQ(counts(), "1/0/0 1/0/0") << "one has not come again";
}

TEST_F(FamilyCounts, TheTableHasItsOwn) {
  const RibCounters before = rib.counters();
  EXPECT_EQ(before.ipv6_prefixes, 0u);
  establish();
  for (const char* prefix : {kIpv4, kIpv6, kOtherIpv6}) announce(11, prefix);
  flush();
  EXPECT_EQ(rib.counters().prefixes, before.prefixes + 3);
  EXPECT_EQ(rib.counters().ipv6_prefixes, 2u);
  withdraw(11, kIpv6);
  flush();
  EXPECT_EQ(rib.counters().prefixes, before.prefixes + 2);
  EXPECT_EQ(rib.counters().ipv6_prefixes, 1u);
}

TEST(AnnouncedByFamily, IsCountedWhenItIsSent) {
  AdjRibOut out({.peer = bgp::PeerId{9}, .own_asn = 64500, .router_id = 7, .families = bgp::kBothFamilies}, anything());
  const auto announced = [&] {
    return std::to_string(out.announced(hash::Family::kIpv4)) + " " +
           std::to_string(out.announced(hash::Family::kIpv6));
  };
  bgp::PathAttributes path;
  const BestRoute best{&path, kNode};
  for (const char* prefix : {kIpv4, kIpv6, kOtherIpv6}) out.route_changed(net(prefix), &best);
  EXPECT_EQ(announced(), "0 0");
  out.take();
  EXPECT_EQ(announced(), "1 2");
  out.repeat(hash::Family::kIpv6);
  out.take();
  EXPECT_EQ(announced(), "1 2") << "the same again";
  out.route_changed(net(kIpv6), nullptr);
  out.take();
  EXPECT_EQ(announced(), "1 1");
}

}  // namespace
}  // namespace ecmpd::control
