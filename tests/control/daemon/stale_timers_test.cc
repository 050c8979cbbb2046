#include "control/daemon/stale_timers.h"

#include "tests/control/rib/rib_fixture.h"

namespace ecmpd::control {
namespace {

constexpr const char *kIpv4 = "203.0.113.10/32", *kIpv6 = "2001:db8::10/128";

class StaleTimersTest : public RibTest {
 protected:
  /// Peer n has announced both, is away, and is back.
  void restart(uint8_t n) {
    up(n);
    announce(n, kIpv4);
    announce(n, kIpv6);
    lose(n);
    back(n);
  }
  void lose(uint8_t n) {
    rib.on_down(peer_id(n), "test", {.families = bgp::kBothFamilies, .restart_time = std::chrono::seconds(120)});
    timers.on_down(peer_id(n));
  }
  void back(uint8_t n) {
    bgp::PeerInfo info;
    info.address = peer_address(n);
    info.asn = 64512;
    info.router_id = 0x01010100u + n;
    info.graceful_restart = {.offered = true, .families = bgp::kBothFamilies, .forwarding = bgp::kBothFamilies};
    info.policy = policy;
    rib.on_established(peer_id(n), info);
    timers.on_established(peer_id(n));
  }
  void end_of_rib(uint8_t n, hash::Family family) {
    rib.on_end_of_rib(peer_id(n), family);
    timers.on_end_of_rib(peer_id(n));
  }
  /// "stale of accepted", of peer n.
  std::string kept(uint8_t n) {
    const PeerCounters* counters = rib.counters(peer_id(n));
    return counters == nullptr ? "nothing"
                               : std::to_string(counters->stale) + " of " + std::to_string(counters->accepted);
  }

  Reactor reactor;
  unsigned sweeps = 0;
  StaleTimers timers{reactor, rib,
                     [this] {
                       ++sweeps;
                       reactor.stop();
                     },
                     std::chrono::milliseconds(20)};
};

TEST_F(StaleTimersTest, WhatHasNotComeAgainIsSweptWhenTheTimeIsOver) {
  restart(11);
  announce(11, kIpv4);
  EXPECT_EQ(kept(11), "1 of 2");
  reactor.run();
  EXPECT_EQ(sweeps, 1u);
  EXPECT_EQ(kept(11), "0 of 1");
  EXPECT_EQ(route(kIpv4), "bgp 10.0.1.11");
}

// Timers of equal length fire in the order in which they were started.
TEST_F(StaleTimersTest, EndOfRibOfEveryFamilyEndsTheTimer) {
  restart(11);
  end_of_rib(11, hash::Family::kIpv4);
  EXPECT_EQ(kept(11), "1 of 1") << "IPv6 may still come";
  restart(12);
  end_of_rib(12, hash::Family::kIpv4);
  end_of_rib(12, hash::Family::kIpv6);
  restart(13);
  reactor.run();
  EXPECT_EQ(kept(11), "0 of 0");
  EXPECT_EQ(kept(13), "2 of 2");
  reactor.run();
  EXPECT_EQ(kept(13), "0 of 0");
  EXPECT_EQ(sweeps, 2u) << "there was nothing to sweep of the second";
}

TEST_F(StaleTimersTest, APeerThatIsLostAgainWaitsForItsReturnAnew) {
  restart(11);
  announce(11, kIpv4);
  lose(11);
  EXPECT_EQ(kept(11), "1 of 1");
  restart(12);
  reactor.run();
  EXPECT_EQ(kept(12), "0 of 0");
  EXPECT_EQ(kept(11), "1 of 1") << "it is away, and so may still come";
  EXPECT_EQ(sweeps, 1u);
}

TEST_F(StaleTimersTest, APeerOfWhichNothingIsKeptHasNone) {
  up(11);
  announce(11, kIpv4);
  timers.on_established(peer_id(11));
  restart(12);
  reactor.run();
  EXPECT_EQ(kept(11), "0 of 1");
  EXPECT_EQ(kept(12), "0 of 0");
}

}  // namespace
}  // namespace ecmpd::control
