// What the RIB keeps beyond one path a peer: several with identifiers, weights, refused ones, and stale ones.
#include "tests/control/rib/rib_fixture.h"

#include "control/log.h"

namespace ecmpd::control {
namespace {

using Verdict = bgp::UpdateVerdict;
constexpr const char* kService = "203.0.113.10/32";
constexpr bgp::Retain kKeepIpv4{.families = {.ipv4 = true}, .restart_time = std::chrono::seconds(120)};

class KeptPaths : public RibTest {
 protected:
  /// Peer n announces kService with a path identifier.
  void announce_id(uint8_t n, uint32_t id, const bgp::PathAttributes& with, const char* prefix = kService) {
    const hash::Prefix prefixes[] = {net(prefix)};
    const uint32_t ids[] = {id};
    EXPECT_EQ(rib.on_update(peer_id(n), {.attributes = with, .announced = prefixes, .announced_ids = ids}),
              Verdict::kOk);
  }
  void withdraw_id(uint8_t n, uint32_t id) {
    const hash::Prefix prefixes[] = {net(kService)};
    const uint32_t ids[] = {id};
    rib.on_update(peer_id(n), {.attributes = {}, .withdrawn = prefixes, .withdrawn_ids = ids});
  }
  bgp::PathAttributes with_community(uint8_t n, uint32_t community) {
    bgp::PathAttributes out = attributes(n);
    out.communities = {community};
    return out;
  }
  void back(uint8_t n, bgp::FamilySet forwarding = {.ipv4 = true}) {
    bgp::PeerInfo info;
    info.address = peer_address(n);
    info.asn = 64512;
    info.router_id = 0x01010100u + n;
    info.graceful_restart = {.offered = true, .families = forwarding, .forwarding = forwarding};
    info.policy = policy;
    rib.on_established(peer_id(n), info);
  }
  const PeerCounters& counters(uint8_t n) { return *rib.counters(peer_id(n)); }
};

TEST_F(KeptPaths, PathsWithIdentifiersAreSharesOfTheirNode) {
  up(11);
  up(12);
  announce(11, kService);
  for (uint32_t id : {7, 8, 9}) announce_id(12, id, attributes(12));
  EXPECT_EQ(route(kService), "bgp 10.0.1.11, 10.0.1.12 weight 3");
  announce_id(12, 8, attributes(12));
  EXPECT_EQ(route(kService), "bgp 10.0.1.11, 10.0.1.12 weight 3") << "the same again";
  withdraw_id(12, 9);
  withdraw_id(12, 99);
  EXPECT_EQ(route(kService), "bgp 10.0.1.11, 10.0.1.12 weight 2");
  announce_id(12, 8, attributes(13));  // an implicit withdraw: another node's
  EXPECT_EQ(route(kService), "bgp 10.0.1.11, 10.0.1.12, 10.0.1.13");
  EXPECT_EQ(counters(12).accepted, 2u);
  EXPECT_EQ(rib.paths(net(kService)).size(), 3u);
  down(12);
  EXPECT_EQ(route(kService), "bgp 10.0.1.11");
  EXPECT_EQ(rib.counters().attribute_sets, 1u) << "nothing is left of what went";
}

TEST_F(KeptPaths, APeerHasOnlySoManyPathsOfAPrefix) {
  bgp::PeerInfo info;
  info.address = peer_address(11);
  info.asn = 64512;
  info.add_path = {.ipv4 = true};
  info.policy = policy;
  rib.on_established(peer_id(11), info);
  up(12);
  const auto limit = static_cast<uint32_t>(Rib::kMaximumPathsOfPeer);
  for (uint32_t id = 1; id <= limit + 2; ++id) announce_id(11, id, attributes(11));
  EXPECT_EQ(counters(11).accepted, limit);
  EXPECT_EQ(counters(11).not_kept, 2u);
  announce_id(11, limit, attributes(13));
  EXPECT_EQ(route(kService), "bgp 10.0.1.11 weight 255, 10.0.1.13") << "what is kept may still change";
  announce(12, kService);
  announce_id(11, 1, attributes(11), "203.0.113.11/32");
  EXPECT_EQ(counters(11).accepted, limit + 1) << "the limit is for one prefix";
  EXPECT_EQ(counters(12).accepted, 1u) << "and for one peer";
  withdraw_id(11, 1);
  announce_id(11, limit + 1, attributes(11));
  EXPECT_EQ(counters(11).accepted, limit + 1);
  EXPECT_EQ(counters(11).not_kept, 2u);
  policy.import_filter.rules.clear();
  EXPECT_TRUE(rib.on_policy(peer_id(11), policy));
  EXPECT_EQ(counters(11).filtered, limit + 1);
  EXPECT_EQ(route(kService), "bgp 10.0.1.12");
  policy.import_filter.rules = {ImportRule{}};
  rib.on_policy(peer_id(11), policy);
  rib.on_down(peer_id(11), "test", kKeepIpv4);
  EXPECT_EQ(counters(11).stale, limit + 1);
  rib.on_forgotten(peer_id(11));
  EXPECT_EQ(route(kService), "bgp 10.0.1.12");
  EXPECT_EQ(route("203.0.113.11/32"), "none");
}

TEST_F(KeptPaths, TwoPeersThatNameOneNexthopSpeakOfTheSameShares) {
  up(11);
  up(12);
  announce_id(11, 1, attributes(13));
  announce_id(11, 2, attributes(13));
  announce(12, kService, attributes(13));
  EXPECT_EQ(route(kService), "bgp 10.0.1.13 weight 2");
}

TEST_F(KeptPaths, APolicyGivesWeightsAndPreference) {
  policy.community_weight = {{64512u << 16 | 3, 3}};
  policy.import_filter.rules = {ImportRule{}, ImportRule{}};
  policy.import_filter.rules[0].communities = {64512u << 16 | 50};
  policy.import_filter.rules[0].local_preference = 50;
  for (uint8_t n : {11, 12, 13}) up(n);
  announce(11, kService);
  announce(12, kService, with_community(12, 64512u << 16 | 3));
  announce(13, kService, with_community(13, 64512u << 16 | 50));
  EXPECT_EQ(route(kService), "bgp 10.0.1.11, 10.0.1.12 weight 3");
  policy.community_weight.clear();
  policy.import_filter.rules.erase(policy.import_filter.rules.begin());
  for (uint8_t n : {11, 12, 13}) EXPECT_FALSE(rib.on_policy(peer_id(n), policy));
  EXPECT_EQ(route(kService), "bgp 10.0.1.11, 10.0.1.12, 10.0.1.13");
}

TEST_F(KeptPaths, ADrainingNodeIsUsedOnlyAlone) {
  up(11);
  up(12);
  announce(11, kService, with_community(11, bgp::kGracefulShutdown));
  EXPECT_EQ(route(kService), "bgp 10.0.1.11") << "rather it than nobody";
  const auto all_draining = [&] {
    std::vector<std::string> out;
    rib.for_each_draining([&](const hash::Prefix& prefix, const hash::IpAddress& nexthop) {
      out.push_back(prefix.to_string() + " " + nexthop.to_string());
    });
    return out;
  };
  EXPECT_EQ(all_draining(), std::vector<std::string>{std::string(kService) + " 10.0.1.11"});
  announce(12, kService);
  EXPECT_EQ(route(kService), "bgp 10.0.1.12");
  for (const PathView& path : rib.paths(net(kService))) EXPECT_EQ(path.draining, path.peer_address == peer_address(11));
  EXPECT_EQ(rib.draining(net(kService)), std::vector{peer_address(11)}) << "though it is not used";
  EXPECT_TRUE(rib.draining(net("203.0.113.11/32")).empty());
  announce(11, kService);
  EXPECT_TRUE(rib.draining(net(kService)).empty());
  EXPECT_TRUE(all_draining().empty());
}

TEST_F(KeptPaths, MaximumPrefixWarnsOrDiscards) {
  std::vector<std::string> lines;
  log::set_sink([&](log::Level, std::string_view, std::string_view text) { lines.emplace_back(text); });
  policy.maximum_prefix = 1;
  policy.maximum_prefix_action = MaximumPrefixAction::kWarn;
  up(11);
  policy.maximum_prefix_action = MaximumPrefixAction::kDiscard;
  up(12);
  for (const char* prefix : {kService, "203.0.113.11/32", "203.0.113.12/32"}) {
    EXPECT_EQ(announce(11, prefix), Verdict::kOk);
    EXPECT_EQ(announce(12, prefix), Verdict::kOk);
  }
  log::set_sink({});
  EXPECT_EQ(lines, (std::vector<std::string>{
                       "10.0.1.11: more than maximum_prefix = 1 prefixes; the rest is accepted all the same",
                       "10.0.1.12: more than maximum_prefix = 1 prefixes; the rest is discarded"}));
  EXPECT_EQ(counters(11).accepted, 3u);
  EXPECT_EQ(counters(12).accepted, 1u);
  EXPECT_EQ(counters(12).not_kept, 2u);
  EXPECT_EQ(route(kService), "bgp 10.0.1.11, 10.0.1.12");
  EXPECT_EQ(route("203.0.113.11/32"), "bgp 10.0.1.11");
  policy.maximum_prefix = 0;
  EXPECT_TRUE(rib.on_policy(peer_id(12), policy)) << "what was discarded is needed again";
  EXPECT_FALSE(rib.on_policy(peer_id(12), policy)) << "once";
}

TEST_F(KeptPaths, WhoWasDiscardedIsAskedForWhenThereIsRoom) {
  log::set_sink([](log::Level, std::string_view, std::string_view) {});
  policy.maximum_prefix = 1;
  policy.maximum_prefix_action = MaximumPrefixAction::kDiscard;
  for (uint8_t n : {11, 12, 13}) up(n);
  announce(11, kService);
  announce(11, "203.0.113.11/32");
  announce(12, kService);
  EXPECT_TRUE(rib.take_peers_with_room().empty()) << "there is none";
  withdraw(11, kService);
  withdraw(12, kService);
  EXPECT_EQ(rib.take_peers_with_room(), std::vector{peer_address(11)}) << "nothing of 12 is missing";
  EXPECT_TRUE(rib.take_peers_with_room().empty()) << "once";
  announce(11, "203.0.113.11/32");  // the answer
  EXPECT_EQ(route("203.0.113.11/32"), "bgp 10.0.1.11");
  announce(11, "203.0.113.12/32");
  withdraw(11, "203.0.113.11/32");
  rib.on_down(peer_id(11), "test", kKeepIpv4);
  EXPECT_TRUE(rib.take_peers_with_room().empty()) << "it is away";
  log::set_sink({});
}

TEST_F(KeptPaths, APolicyThatRefusesWhatWasAcceptedKeepsUpToTheLimit) {
  up(11);
  std::vector<hash::Prefix> prefixes;
  for (uint32_t i = 0; i < Rib::kMaximumRefused + 2; ++i)
    prefixes.emplace_back(hash::IpAddress::v4(0x0b000000 + i), 32);
  rib.on_update(peer_id(11), {.attributes = attributes(11), .announced = prefixes});
  EXPECT_EQ(counters(11).accepted, Rib::kMaximumRefused + 2);
  policy.import_filter.rules.clear();
  EXPECT_FALSE(rib.on_policy(peer_id(11), policy));
  EXPECT_EQ(counters(11).accepted, 0u);
  EXPECT_EQ(counters(11).filtered, Rib::kMaximumRefused);
  EXPECT_EQ(counters(11).not_kept, 2u);
  policy.import_filter.rules = {ImportRule{}};
  EXPECT_TRUE(rib.on_policy(peer_id(11), policy)) << "two of them are needed again";
  EXPECT_EQ(counters(11).accepted, Rib::kMaximumRefused);
}

TEST_F(KeptPaths, RefusedPathsAreKeptUpToALimit) {
  policy.import_filter.rules.clear();
  up(11);
  std::vector<hash::Prefix> prefixes;
  for (uint32_t i = 0; i < Rib::kMaximumRefused + 2; ++i)
    prefixes.emplace_back(hash::IpAddress::v4(0x0b000000 + i), 32);
  rib.on_update(peer_id(11), {.attributes = attributes(11), .announced = prefixes});
  EXPECT_EQ(counters(11).filtered, Rib::kMaximumRefused);
  EXPECT_EQ(counters(11).not_kept, 2u);
  policy.import_filter.rules = {ImportRule{}};
  EXPECT_TRUE(rib.on_policy(peer_id(11), policy));
  flush();
  EXPECT_EQ(loc_rib.size(), Rib::kMaximumRefused + 2) << "with the connected subnets";
}

TEST_F(KeptPaths, RefusedPathsAreKeptWithSmallAttributesOnly) {
  bgp::PathAttributes small = attributes(11);
  small.communities.resize((Rib::kMaximumRefusedAttributes - 36) / 4);
  bgp::PathAttributes large = small;
  large.communities.emplace_back();
  const PeerPolicy accepting = policy;
  policy.import_filter.rules.clear();
  up(11);
  announce(11, kService, small);
  announce(11, "203.0.113.11/32", large);
  EXPECT_EQ(counters(11).filtered, 1u);
  EXPECT_EQ(counters(11).not_kept, 1u);
  announce(11, kService, large);
  EXPECT_EQ(counters(11).filtered, 0u) << "it was replaced by one that is not kept";
  EXPECT_EQ(counters(11).not_kept, 2u);
  EXPECT_TRUE(rib.on_policy(peer_id(11), accepting));
  announce(11, kService, large);
  EXPECT_EQ(route(kService), "bgp 10.0.1.11") << "what is accepted may be large";
  EXPECT_FALSE(rib.on_policy(peer_id(11), policy)) << "nothing that this policy accepts is missing";
  EXPECT_EQ(route(kService), "none");
  EXPECT_EQ(counters(11).accepted + counters(11).filtered, 0u);
  EXPECT_EQ(rib.counters().attribute_sets, 0u);
  EXPECT_TRUE(rib.on_policy(peer_id(11), accepting)) << "but this one may";
}

TEST_F(KeptPaths, AnAcceptedPathThatIsRefusedWithLargeAttributesIsWithdrawn) {
  policy.import_filter.rules[0].communities = {64512u << 16 | 1};
  up(11);
  announce(11, kService, with_community(11, 64512u << 16 | 1));
  EXPECT_EQ(route(kService), "bgp 10.0.1.11");
  bgp::PathAttributes large = attributes(11);
  large.unknown = {{.flags = 0xc0, .type = 200, .value = std::vector<uint8_t>(300)}};
  announce(11, kService, large);
  EXPECT_EQ(route(kService), "none");
  EXPECT_EQ(counters(11).accepted + counters(11).filtered, 0u);
  EXPECT_EQ(counters(11).not_kept, 1u);
}

TEST_F(KeptPaths, AGracefulRestartKeepsWhatComesAgain) {
  up(11);
  announce(11, kService);
  announce(11, "203.0.113.11/32");
  flush();
  rib.on_down(peer_id(11), "test", kKeepIpv4);
  EXPECT_TRUE(flush().empty());
  EXPECT_EQ(counters(11).stale, 2u);
  back(11);
  announce(11, kService);
  EXPECT_TRUE(flush().empty()) << "nothing has changed for anybody";
  EXPECT_EQ(counters(11).stale, 1u);
  rib.on_end_of_rib(peer_id(11), hash::Family::kIpv6);
  EXPECT_EQ(route("203.0.113.11/32"), "bgp 10.0.1.11");
  rib.on_end_of_rib(peer_id(11), hash::Family::kIpv4);
  EXPECT_EQ(route("203.0.113.11/32"), "none");
  EXPECT_EQ(route(kService), "bgp 10.0.1.11");
  EXPECT_EQ(counters(11).accepted, 1u);
}

TEST_F(KeptPaths, APeerThatNumbersItsPathsAnewHasNoMoreSharesMeanwhile) {
  up(11);
  up(12);
  announce(11, kService);
  for (uint32_t id : {1, 2}) announce_id(12, id, attributes(12));
  announce_id(12, 3, attributes(13));
  EXPECT_EQ(route(kService), "bgp 10.0.1.11, 10.0.1.12 weight 2, 10.0.1.13");
  rib.on_down(peer_id(12), "test", kKeepIpv4);
  back(12);
  EXPECT_EQ(route(kService), "bgp 10.0.1.11, 10.0.1.12 weight 2, 10.0.1.13");
  announce_id(12, 21, attributes(12));
  EXPECT_EQ(route(kService), "bgp 10.0.1.11, 10.0.1.12, 10.0.1.13") << "the stale ones to 13 count still";
  announce_id(12, 22, attributes(12));
  EXPECT_EQ(route(kService), "bgp 10.0.1.11, 10.0.1.12 weight 2, 10.0.1.13");
  EXPECT_EQ(counters(12).stale, 3u);
  rib.on_end_of_rib(peer_id(12), hash::Family::kIpv4);
  EXPECT_EQ(route(kService), "bgp 10.0.1.11, 10.0.1.12 weight 2");
}

TEST_F(KeptPaths, StaleRoutesLeaveRoomForNewOnes) {
  policy.maximum_prefix = 2;
  policy.maximum_prefix_action = MaximumPrefixAction::kRestart;
  up(11);
  announce(11, kService);
  announce(11, "203.0.113.11/32");
  rib.on_down(peer_id(11), "test", kKeepIpv4);
  back(11);
  EXPECT_EQ(announce(11, "203.0.113.12/32"), Verdict::kOk) << "others than before, but not more";
  EXPECT_EQ(announce(11, "203.0.113.13/32"), Verdict::kOk);
  EXPECT_EQ(announce(11, kService), Verdict::kMaximumPrefixReached) << "a third, though it was kept";
  rib.on_end_of_rib(peer_id(11), hash::Family::kIpv4);
  EXPECT_EQ(counters(11).accepted, 2u);
  EXPECT_EQ(route(kService), "none");
  EXPECT_EQ(route("203.0.113.13/32"), "bgp 10.0.1.11");
}

TEST_F(KeptPaths, APeerThatStaysAwayIsForgotten) {
  up(11);
  up(12);
  announce(11, kService);
  announce(12, kService);
  rib.on_down(peer_id(11), "test", kKeepIpv4);
  EXPECT_EQ(route(kService), "bgp 10.0.1.11, 10.0.1.12");
  rib.on_forgotten(peer_id(11));
  EXPECT_EQ(route(kService), "bgp 10.0.1.12");
  EXPECT_EQ(rib.counters(peer_id(11)), nullptr);
  rib.on_down(peer_id(12), "test", {});
  EXPECT_EQ(route(kService), "none");
}

TEST_F(KeptPaths, StaleRoutesEndWithTheStaleTimerAndWithASecondRestart) {
  up(11);
  announce(11, kService);
  announce(11, "203.0.113.11/32");
  rib.on_down(peer_id(11), "test", kKeepIpv4);
  back(11);
  announce(11, kService);
  rib.on_down(peer_id(11), "test", kKeepIpv4);  // before End-of-RIB
  EXPECT_EQ(route("203.0.113.11/32"), "none");
  EXPECT_EQ(route(kService), "bgp 10.0.1.11");
  back(11);
  rib.drop_stale(peer_id(11));
  EXPECT_EQ(route(kService), "none");
}

TEST_F(KeptPaths, WhatWasNotForwardedThroughTheRestartGoesWhenThePeerIsBack) {
  up(11);
  announce(11, kService);
  rib.on_down(peer_id(11), "test", kKeepIpv4);
  back(11, {.ipv6 = true});
  EXPECT_EQ(route(kService), "none");
}

TEST_F(KeptPaths, AnotherPolicyCountsForStaleRoutesToo) {
  up(11);
  announce(11, kService);
  rib.on_down(peer_id(11), "test", kKeepIpv4);
  policy.import_filter.rules.clear();
  back(11);
  EXPECT_EQ(route(kService), "none");
  EXPECT_EQ(counters(11).filtered, 1u);
  rib.on_down(peer_id(11), "test", kKeepIpv4);
  EXPECT_EQ(rib.counters(peer_id(11)), nullptr) << "refused ones are not kept through a restart";
}

TEST_F(KeptPaths, AnotherPolicyReachesStaleRoutesOfAPeerThatIsAway) {
  up(11);
  announce(11, kService);
  announce(11, "203.0.113.11/32");
  rib.on_down(peer_id(11), "test", kKeepIpv4);
  const PeerPolicy before = policy;
  policy.import_filter.rules[0].prefixes = {{net("203.0.113.11/32"), 32, 32}};
  EXPECT_FALSE(rib.on_policy(peer_id(11), policy));
  EXPECT_EQ(route(kService), "none");
  EXPECT_EQ(route("203.0.113.11/32"), "bgp 10.0.1.11");
  EXPECT_EQ(counters(11).stale, 1u);
  EXPECT_FALSE(rib.on_policy(peer_id(11), before));
  EXPECT_EQ(route(kService), "none") << "what was refused of a peer that is away is not kept";
  rib.on_forgotten(peer_id(11));
  EXPECT_FALSE(rib.on_policy(peer_id(11), policy)) << "nothing is left of it";
}

TEST_F(KeptPaths, OthersAreToldThePreferenceThatWasDecidedWith) {
  policy.import_filter.rules[0].local_preference = 200;
  up(11);
  bgp::PathAttributes with = attributes(11);
  with.local_pref = 7;  // of another AS: not heard
  announce(11, kService, with);
  EXPECT_EQ(route(kService), "bgp 10.0.1.11");
  EXPECT_EQ(rib.best(net(kService))->local_preference, 200u);
}

}  // namespace
}  // namespace ecmpd::control
