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

class HoldTest : public testing::Test {
 protected:
  StartupHold hold(std::vector<hash::IpAddress> configured, bool listening) {
    return StartupHold(configured, listening, {}, start);
  }
  StartupHold::Time at(std::chrono::milliseconds time) const { return start + time; }
  const StartupHold::Time start{1h};
};

TEST_F(HoldTest, NothingToWaitFor) { EXPECT_TRUE(hold({}, false).tick(start, false)); }

TEST_F(HoldTest, EndOfRibOfEveryNeighborEndsItAtOnce) {
  StartupHold h = hold({address(1), address(2)}, false);
  h.on_established(peer(1), address(1), kIpv4Only, at(100ms));
  h.on_update(peer(1), at(110ms));
  h.on_end_of_rib(peer(1), hash::Family::kIpv4);
  EXPECT_FALSE(h.tick(at(2000ms), true)) << "the second is not there";
  h.on_established(peer(2), address(2), kIpv4Only, at(2100ms));
  EXPECT_FALSE(h.tick(at(2100ms), true));
  h.on_end_of_rib(peer(2), hash::Family::kIpv4);
  EXPECT_FALSE(h.tick(at(2110ms), false)) << "nexthops are being resolved";
  EXPECT_TRUE(h.tick(at(2120ms), true));
  h.on_down(peer(2));
  EXPECT_TRUE(h.tick(at(2130ms), false)) << "over is over";
}

TEST_F(HoldTest, EndOfRibOfOneFamilyIsNotThatOfTheOther) {
  StartupHold h = hold({address(1)}, false);
  h.on_established(peer(1), address(1), bgp::kBothFamilies, at(100ms));
  h.on_end_of_rib(peer(1), hash::Family::kIpv4);
  h.on_end_of_rib(peer(1), hash::Family::kIpv4);
  EXPECT_FALSE(h.tick(at(110ms), true)) << "IPv6 prefixes are to come";
  h.on_end_of_rib(peer(1), hash::Family::kIpv6);
  EXPECT_TRUE(h.tick(at(120ms), true));
}

TEST_F(HoldTest, QuietStandsInForEndOfRib) {
  StartupHold h = hold({address(1)}, false);
  h.on_established(peer(1), address(1), kIpv4Only, at(0ms));
  h.on_update(peer(1), at(800ms));
  EXPECT_EQ(h.next_tick(at(800ms)), at(1800ms));
  EXPECT_FALSE(h.tick(at(1799ms), true));
  EXPECT_TRUE(h.tick(at(1800ms), true));
}

TEST_F(HoldTest, ASessionThatEndsIsWaitedForAgain) {
  StartupHold h = hold({address(1)}, false);
  h.on_established(peer(1), address(1), kIpv4Only, at(0ms));
  h.on_end_of_rib(peer(1), hash::Family::kIpv4);
  h.on_down(peer(1));
  EXPECT_FALSE(h.tick(at(3000ms), true));
  h.on_established(peer(1), address(1), kIpv4Only, at(3000ms));
  EXPECT_FALSE(h.tick(at(3500ms), true)) << "a new session, a new End-of-RIB";
  EXPECT_TRUE(h.tick(at(4000ms), true));
}

TEST_F(HoldTest, TheLimitEndsItInAnyCase) {
  StartupHold h = hold({address(1), address(2)}, true);
  h.on_established(peer(1), address(1), kIpv4Only, at(0ms));
  EXPECT_FALSE(h.tick(at(4999ms), true));
  EXPECT_TRUE(h.tick(at(5000ms), false));
}

TEST_F(HoldTest, ListenRangesOnlyWaitForQuiet) {
  StartupHold h = hold({}, true);
  EXPECT_FALSE(h.tick(at(60s), true)) << "nobody has called";
  EXPECT_EQ(h.next_tick(at(60s)), std::nullopt);
  h.on_established(peer(1), address(1), kIpv4Only, at(60s));
  h.on_end_of_rib(peer(1), hash::Family::kIpv4);
  EXPECT_FALSE(h.tick(at(60s + 900ms), true)) << "others may be about to call";
  h.on_established(peer(2), address(2), kIpv4Only, at(60s + 900ms));
  h.on_update(peer(2), at(60s + 950ms));
  EXPECT_FALSE(h.tick(at(60s + 1900ms), true));
  EXPECT_TRUE(h.tick(at(60s + 1950ms), true));
}

TEST_F(HoldTest, ListenRangesOnlyHaveALimitFromTheFirstSession) {
  StartupHold h = hold({}, true);
  h.on_established(peer(1), address(1), kIpv4Only, at(60s));
  for (auto time = 60s + 0ms; time < 65s; time += 500ms) {
    h.on_update(peer(1), at(time));
    EXPECT_FALSE(h.tick(at(time), true));
  }
  EXPECT_TRUE(h.tick(at(65s), true));
}

}  // namespace
}  // namespace ecmpd::control
