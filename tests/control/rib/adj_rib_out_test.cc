#include "control/rib/adj_rib_out.h"

#include <gtest/gtest.h>

#include "tests/control/rib/export_filters.h"

namespace ecmpd::control {
namespace {

constexpr bgp::PeerId kNode{1}, kUpstream{9};
constexpr uint32_t kOwnAs = 64500, kNodeAs = 64512;

hash::Prefix net(const char* text) { return hash::Prefix::parse(text).value(); }
constexpr const char* kService = "203.0.113.10/32";

class AdjRibOutTest : public testing::Test {
 protected:
  static ExportTarget target(bool ebgp = true) {
    return {.peer = kUpstream, .own_asn = kOwnAs, .router_id = 7, .ebgp = ebgp, .families = bgp::kBothFamilies};
  }
  static bgp::PathAttributes path() {
    bgp::PathAttributes out;
    out.origin = bgp::Origin::kIgp;
    out.as_path = {{.asns = {kNodeAs}}};
    out.next_hop = hash::IpAddress::v4(0x0a00010b);
    out.med = 5;
    out.local_pref = 50;
    return out;
  }
  static void announce(AdjRibOut& out, const char* prefix, const bgp::PathAttributes& attributes,
                       bgp::PeerId from = kNode, bool ebgp = true) {
    const BestRoute best{&attributes, from, ebgp};
    out.route_changed(net(prefix), &best);
  }
  /// "-PREFIX" for withdrawals, "PREFIX path" for announcements.
  static std::string told(AdjRibOut& out) {
    std::string text;
    const AdjRibOut::Changes changes = out.take();
    for (const hash::Prefix& prefix : changes.withdrawn) text += "-" + prefix.to_string() + ";";
    for (const AdjRibOut::Announcement& one : changes.announced) {
      for (const hash::Prefix& prefix : one.prefixes) text += prefix.to_string();
      for (const auto& segment : one.attributes.as_path) {
        for (const uint32_t asn : segment.asns) text += " " + std::to_string(asn);
      }
      text += ";";
    }
    return text;
  }
};

TEST_F(AdjRibOutTest, AnnouncesWithItsOwnAsAndWithoutWhatIsInternal) {
  AdjRibOut out(target(), anything());
  bgp::PathAttributes with = path();
  with.extended_communities = {uint64_t{0x4004} << 48 | 1, uint64_t{0x0002} << 48 | 2};
  announce(out, kService, with);
  const AdjRibOut::Changes changes = out.take();
  ASSERT_EQ(changes.announced.size(), 1u);
  const bgp::PathAttributes& sent = changes.announced[0].attributes;
  EXPECT_EQ(sent.as_path, (std::vector<bgp::AsPathSegment>{{.asns = {kOwnAs, kNodeAs}}}));
  EXPECT_EQ(sent.med, std::nullopt);
  EXPECT_EQ(sent.local_pref, std::nullopt);
  EXPECT_EQ(sent.extended_communities, (std::vector<bgp::ExtendedCommunity>{uint64_t{0x0002} << 48 | 2}));
  EXPECT_EQ(out.announced(hash::Family::kIpv4), 1u);
}

TEST_F(AdjRibOutTest, TellsOnlyDifferences) {
  AdjRibOut out(target(), anything());
  announce(out, kService, path());
  EXPECT_EQ(told(out), "203.0.113.10/32 64500 64512;");
  announce(out, kService, path());
  EXPECT_EQ(told(out), "") << "the same again";
  out.route_changed(net(kService), nullptr);
  announce(out, kService, path());
  EXPECT_EQ(told(out), "") << "gone and back in one batch";
  bgp::PathAttributes other = path();
  other.as_path = {{.asns = {kNodeAs, 64513}}};
  announce(out, kService, other);
  EXPECT_EQ(told(out), "203.0.113.10/32 64500 64512 64513;");
  announce(out, kService, path());
  out.route_changed(net(kService), nullptr);
  EXPECT_EQ(told(out), "-203.0.113.10/32;");
  EXPECT_EQ(told(out), "");
  EXPECT_EQ(out.announced(hash::Family::kIpv4), 0u);
}

TEST_F(AdjRibOutTest, KeepsToItselfWhatItShould) {
  struct Case {
    const char* what;
    bgp::PeerId from;
    bool from_ebgp, to_ebgp;
    std::vector<uint32_t> communities;
    const char* told;
  };
  const Case cases[] = {
      {"its own", kUpstream, true, true, {}, ""},
      {"iBGP to iBGP", kNode, false, false, {}, ""},
      {"iBGP to eBGP", kNode, false, true, {}, "203.0.113.10/32 64500 64512;"},
      {"eBGP to iBGP", kNode, true, false, {}, "203.0.113.10/32 64512;"},
      {"no-advertise", kNode, true, false, {bgp::kNoAdvertise}, ""},
      {"no-export outside", kNode, true, true, {bgp::kNoExport}, ""},
      {"no-export inside", kNode, true, false, {bgp::kNoExport}, "203.0.113.10/32 64512;"},
  };
  for (const Case& one : cases) {
    AdjRibOut out(target(one.to_ebgp), anything());
    bgp::PathAttributes with = path();
    with.communities = one.communities;
    announce(out, kService, with, one.from, one.from_ebgp);
    EXPECT_EQ(told(out), one.told) << one.what;
  }
}

TEST_F(AdjRibOutTest, RulesAddCommunitiesAndPrepend) {
  ExportFilter filter = anything();
  filter.rules[0].prefixes = {{net("203.0.113.0/24"), 24, 32}};
  filter.rules[0].add_communities = {65537};
  filter.rules[0].prepend = 2;
  AdjRibOut out(target(), filter);
  announce(out, kService, path());
  announce(out, "192.0.2.0/24", path());
  const AdjRibOut::Changes changes = out.take();
  ASSERT_EQ(changes.announced.size(), 1u);
  EXPECT_EQ(changes.announced[0].prefixes, std::vector{net(kService)});
  EXPECT_EQ(changes.announced[0].attributes.communities, std::vector<uint32_t>{65537});
  EXPECT_EQ(changes.announced[0].attributes.as_path[0].asns, (std::vector<uint32_t>{kOwnAs, kOwnAs, kOwnAs, kNodeAs}));
}

TEST_F(AdjRibOutTest, AnAggregateLastsAsLongAsARouteWithinIt) {
  AdjRibOut out(target(), aggregate("203.0.113.0/24"));
  announce(out, "192.0.2.0/24", path());
  EXPECT_EQ(told(out), "");
  announce(out, kService, path());
  announce(out, "203.0.113.11/32", path());
  EXPECT_EQ(told(out), "203.0.113.0/24 64500;");
  out.route_changed(net(kService), nullptr);
  EXPECT_EQ(told(out), "");
  out.route_changed(net("203.0.113.11/32"), nullptr);
  EXPECT_EQ(told(out), "-203.0.113.0/24;");
}

TEST_F(AdjRibOutTest, OtherRulesWithdrawWhatTheyDoNotMatch) {
  AdjRibOut out(target(), aggregate("203.0.113.0/24"));
  announce(out, kService, path());
  EXPECT_EQ(told(out), "203.0.113.0/24 64500;");
  out.set_filter(anything());
  announce(out, kService, path());
  EXPECT_EQ(told(out), "-203.0.113.0/24;203.0.113.10/32 64500 64512;");
  out.set_filter(anything());
  announce(out, kService, path());
  EXPECT_EQ(told(out), "") << "what stays is not repeated";
}

TEST_F(AdjRibOutTest, RepeatsAFamily) {
  AdjRibOut out(target(), anything());
  announce(out, kService, path());
  announce(out, "2001:db8::/32", path());
  EXPECT_NE(told(out), "");
  out.repeat(hash::Family::kIpv6);
  EXPECT_EQ(told(out), "2001:db8::/32 64500 64512;");
  EXPECT_EQ(out.announced(hash::Family::kIpv4), 1u);
  EXPECT_EQ(out.announced(hash::Family::kIpv6), 1u);
  EXPECT_EQ(told(out), "") << "once";
}

TEST_F(AdjRibOutTest, RepeatsWhatIsDecidedAgainMeanwhile) {
  AdjRibOut out(target(), anything());
  for (const char* prefix : {kService, "203.0.113.11/32", "203.0.113.12/32"}) announce(out, prefix, path());
  EXPECT_NE(told(out), "");
  out.repeat(hash::Family::kIpv4);
  announce(out, kService, path());
  out.route_changed(net("203.0.113.11/32"), nullptr);
  EXPECT_EQ(told(out), "-203.0.113.11/32;203.0.113.10/32203.0.113.12/32 64500 64512;");
  out.repeat(hash::Family::kIpv4);
  out.set_filter(anything());
  announce(out, kService, path());
  EXPECT_EQ(told(out), "-203.0.113.12/32;203.0.113.10/32 64500 64512;") << "other rules take no repetition back";
}

TEST_F(AdjRibOutTest, InsideTheAsThePathStaysAndTheOwnPreferenceIsTold) {
  ExportFilter filter = anything();
  filter.rules[0].prepend = 2;
  AdjRibOut out(target(false), filter);
  const bgp::PathAttributes from_node = path();
  const BestRoute best{&from_node, kNode, true, 200};
  out.route_changed(net(kService), &best);
  const AdjRibOut::Changes changes = out.take();
  ASSERT_EQ(changes.announced.size(), 1u);
  EXPECT_EQ(changes.announced[0].attributes.as_path, from_node.as_path);
  EXPECT_EQ(changes.announced[0].attributes.local_pref, 200u) << "not what the node said";
}

}  // namespace
}  // namespace ecmpd::control
