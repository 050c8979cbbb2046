// When the startup hold ends: cases as scripts of events.
#include "control/nexthop/startup_hold.h"

#include <gtest/gtest.h>

#include <vector>

namespace ecmpd::control {
namespace {

using namespace std::chrono_literals;

hash::IpAddress address(uint8_t n) { return hash::IpAddress::v4(0x0a000100u + n); }
constexpr bgp::PeerId peer(uint32_t n) { return bgp::PeerId{n}; }
constexpr bgp::FamilySet kIpv4Only{.ipv4 = true};
constexpr StartupHold::Nexthops kReady{};
constexpr StartupHold::Nexthops kResolving{.settled = false};
constexpr StartupHold::Nexthops kOneIsMissing{.back = false};

/// A peer that need not send End-of-RIB.
bgp::PeerInfo info(uint8_t n, bgp::FamilySet families = kIpv4Only) {
  bgp::PeerInfo info;
  info.address = address(n);
  info.families = families;
  return info;
}

class HoldTest : public testing::Test {
 protected:
  StartupHold hold(std::vector<hash::IpAddress> configured, bool listening) {
    return StartupHold(configured, listening, {}, start);
  }
  StartupHold::Time at(std::chrono::milliseconds time) const { return start + time; }
  const StartupHold::Time start{1h};
};

TEST_F(HoldTest, NothingToWaitFor) { EXPECT_TRUE(hold({}, false).tick(start, kResolving)); }

TEST_F(HoldTest, EndOfRibOfEveryNeighborEndsItAtOnce) {
  StartupHold h = hold({address(1), address(2)}, false);
  h.on_established(peer(1), info(1), at(100ms));
  h.on_update(peer(1), at(110ms));
  h.on_end_of_rib(peer(1), hash::Family::kIpv4);
  EXPECT_FALSE(h.tick(at(2000ms), kReady)) << "the second is not there";
  h.on_established(peer(2), info(2), at(2100ms));
  EXPECT_FALSE(h.tick(at(2100ms), kReady));
  h.on_end_of_rib(peer(2), hash::Family::kIpv4);
  EXPECT_FALSE(h.tick(at(2110ms), kResolving)) << "nexthops are being resolved";
  EXPECT_TRUE(h.tick(at(2120ms), kReady));
  h.on_down(peer(2));
  EXPECT_TRUE(h.tick(at(2130ms), kResolving)) << "over is over";
}

TEST_F(HoldTest, EndOfRibOfOneFamilyIsNotThatOfTheOther) {
  StartupHold h = hold({address(1)}, false);
  h.on_established(peer(1), info(1, bgp::kBothFamilies), at(100ms));
  h.on_end_of_rib(peer(1), hash::Family::kIpv4);
  h.on_end_of_rib(peer(1), hash::Family::kIpv4);
  EXPECT_FALSE(h.tick(at(110ms), kReady)) << "IPv6 prefixes are to come";
  h.on_end_of_rib(peer(1), hash::Family::kIpv6);
  EXPECT_TRUE(h.tick(at(120ms), kReady));
}

TEST_F(HoldTest, QuietStandsInForEndOfRib) {
  StartupHold h = hold({address(1)}, false);
  h.on_established(peer(1), info(1), at(0ms));
  h.on_update(peer(1), at(800ms));
  EXPECT_FALSE(h.tick(at(1799ms), kReady));
  EXPECT_TRUE(h.tick(at(1800ms), kReady));
}

TEST_F(HoldTest, WhoHasSentNothingYetIsGivenMoreTime) {
  StartupHold h = hold({address(1)}, false);
  h.on_established(peer(1), info(1), at(0ms));
  EXPECT_FALSE(h.tick(at(2999ms), kReady));
  EXPECT_TRUE(h.tick(at(3000ms), kReady)) << "it may have no route";
}

TEST_F(HoldTest, QuietSaysNothingWhereEndOfRibIsDue) {
  StartupHold h = hold({}, true);
  bgp::PeerInfo frr = info(1);
  frr.end_of_rib_due = true;
  h.on_established(peer(1), frr, at(0ms));
  h.on_update(peer(1), at(100ms));
  EXPECT_FALSE(h.tick(at(4900ms), kReady));
  h.on_end_of_rib(peer(1), hash::Family::kIpv4);
  EXPECT_TRUE(h.tick(at(4950ms), kReady));
}

TEST_F(HoldTest, NodesThatWereThereBeforeAreWaitedForLonger) {
  StartupHold h = hold({}, true);
  h.on_established(peer(1), info(1), at(1s));
  h.on_end_of_rib(peer(1), hash::Family::kIpv4);
  EXPECT_FALSE(h.tick(at(7s), kOneIsMissing)) << "its connections would go to the others";
  EXPECT_FALSE(h.tick(at(10900ms), kOneIsMissing));
  EXPECT_TRUE(h.tick(at(11s), kOneIsMissing)) << "it may be gone for good";
  StartupHold returned = hold({}, true);
  returned.on_established(peer(1), info(1), at(1s));
  returned.on_end_of_rib(peer(1), hash::Family::kIpv4);
  EXPECT_FALSE(returned.tick(at(3s), kOneIsMissing));
  EXPECT_TRUE(returned.tick(at(3100ms), kReady));
}

TEST_F(HoldTest, TheTableOfWhoIsLateIsWaitedForToo) {
  StartupHold h = hold({}, true);
  h.on_established(peer(1), info(1), at(1s));
  h.on_end_of_rib(peer(1), hash::Family::kIpv4);
  EXPECT_FALSE(h.tick(at(7s), kOneIsMissing));
  bgp::PeerInfo late = info(2);
  late.end_of_rib_due = true;
  h.on_established(peer(2), late, at(7500ms));
  h.on_update(peer(2), at(7600ms));
  EXPECT_FALSE(h.tick(at(7650ms), kReady)) << "the rest of its table is to come";
  h.on_end_of_rib(peer(2), hash::Family::kIpv4);
  EXPECT_FALSE(h.tick(at(8700ms), kResolving));
  EXPECT_TRUE(h.tick(at(8800ms), kReady));
}

TEST_F(HoldTest, ASessionThatEndsIsWaitedForAgain) {
  StartupHold h = hold({address(1)}, false);
  h.on_established(peer(1), info(1), at(0ms));
  h.on_end_of_rib(peer(1), hash::Family::kIpv4);
  h.on_down(peer(1));
  EXPECT_FALSE(h.tick(at(3000ms), kReady));
  h.on_established(peer(1), info(1), at(3000ms));
  EXPECT_FALSE(h.tick(at(3500ms), kReady)) << "a new session, a new End-of-RIB";
  h.on_end_of_rib(peer(1), hash::Family::kIpv4);
  EXPECT_TRUE(h.tick(at(4000ms), kReady));
}

TEST_F(HoldTest, TheLimitEndsItInAnyCase) {
  StartupHold h = hold({address(1), address(2)}, true);
  h.on_established(peer(1), info(1), at(0ms));
  EXPECT_FALSE(h.tick(at(4999ms), kReady));
  EXPECT_TRUE(h.tick(at(5000ms), kResolving));
}

TEST_F(HoldTest, ListenRangesOnlyWaitForQuiet) {
  StartupHold h = hold({}, true);
  EXPECT_FALSE(h.tick(at(60s), kReady)) << "nobody has called";
  h.on_established(peer(1), info(1), at(60s));
  h.on_end_of_rib(peer(1), hash::Family::kIpv4);
  EXPECT_FALSE(h.tick(at(60s + 900ms), kReady)) << "others may be about to call";
  h.on_established(peer(2), info(2), at(60s + 900ms));
  h.on_update(peer(2), at(60s + 950ms));
  EXPECT_FALSE(h.tick(at(60s + 1900ms), kReady));
  EXPECT_TRUE(h.tick(at(60s + 1950ms), kReady));
}

TEST_F(HoldTest, ListenRangesOnlyHaveALimitFromTheFirstSession) {
  StartupHold h = hold({}, true);
  h.on_established(peer(1), info(1), at(60s));
  for (auto time = 60s + 0ms; time < 65s; time += 500ms) {
    h.on_update(peer(1), at(time));
    EXPECT_FALSE(h.tick(at(time), kReady));
  }
  EXPECT_TRUE(h.tick(at(65s), kReady));
}

}  // namespace
}  // namespace ecmpd::control
