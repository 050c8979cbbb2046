// What of a peer's routes outlives its session (RFC 4724 section 4.2, RFC 8538), and how a restart is noticed.
#include <gtest/gtest.h>

#include "control/bgp/session.h"
#include "tests/control/bgp/recording_host.h"

namespace ecmpd::control::bgp {
namespace {

using namespace testing;
using namespace std::chrono_literals;

struct Peer {
  bool lists_families = true;
  bool notification = false;
  bool offers = true;
};

class GracefulRestartTest : public ::testing::Test {
 protected:
  RecordingHost host;
  Session session{local(), host};

  static std::vector<uint8_t> open(const Peer& peer) {
    OpenMessage message;
    message.asn = 64512;
    message.router_id = 0x0a00010b;
    message.hold_time = 90;
    message.families = {kIpv4Unicast, kIpv6Unicast};
    message.four_octet_as = true;
    message.graceful_restart.offered = peer.offers;
    message.graceful_restart.notification = peer.notification;
    message.graceful_restart.restart_time = 120s;
    if (peer.lists_families) message.graceful_restart.families = {.ipv4 = true};
    return encode_open(message);
  }
  void establish(const Peer& peer, Time now = 0s) {
    session.start(now);
    ASSERT_TRUE(session.offer_incoming(now));
    session.connected(Side::kIncoming, now);
    session.received(Side::kIncoming, open(peer) + encode_keepalive(), now);
    ASSERT_EQ(session.status().state, State::kEstablished);
    host.take();
  }
  void receive_notification(const Notification& notification) {
    session.received(Side::kIncoming, encode(notification), 1s);
  }
  /// The line that ends the session.
  std::string down() {
    const std::string lines = host.take();
    const size_t at = lines.find("DOWN ");
    return at == std::string::npos ? "still up" : lines.substr(at, lines.find('\n', at) - at);
  }
};

TEST_F(GracefulRestartTest, ALostConnectionKeepsTheFamiliesThatWereListed) {
  establish({});
  session.closed(Side::kIncoming, "closed by the peer", 1s);
  EXPECT_EQ(down(), "DOWN closed by the peer (keeping IPv4 for 120 s)");
}

TEST_F(GracefulRestartTest, ACapabilityWithoutFamiliesKeepsNothing) {
  establish({.lists_families = false, .notification = true});
  session.closed(Side::kIncoming, "closed by the peer", 1s);
  EXPECT_EQ(down(), "DOWN closed by the peer");
}

TEST_F(GracefulRestartTest, NoCapabilityKeepsNothing) {
  establish({.offers = false});
  session.closed(Side::kIncoming, "closed by the peer", 1s);
  EXPECT_EQ(down(), "DOWN closed by the peer");
}

TEST_F(GracefulRestartTest, ANotificationKeepsNothing) {
  establish({});
  receive_notification({ErrorCode::kCease, cease::kAdministrativeReset, {}});
  EXPECT_EQ(down(), "DOWN received Cease/Administrative Reset (6/4)");
}

TEST_F(GracefulRestartTest, WithTheNBitANotificationKeepsRoutesAndAHardResetDoesNot) {
  establish({.notification = true});
  receive_notification({ErrorCode::kCease, cease::kAdministrativeReset, {}});
  EXPECT_EQ(down(), "DOWN received Cease/Administrative Reset (6/4) (keeping IPv4 for 120 s)");
  establish({.notification = true});
  receive_notification(hard_reset({ErrorCode::kCease, cease::kAdministrativeShutdown, {3, 'b', 'y', 'e'}}));
  EXPECT_EQ(down(), "DOWN received Cease/Hard Reset (6/9): Cease/Administrative Shutdown (6/2) \"bye\"");
}

TEST_F(GracefulRestartTest, TheHoldTimerIsANotificationOfOurs) {
  establish({});
  session.expired(SessionTimer::kHoldIncoming, 90s);
  EXPECT_EQ(down(), "DOWN silent for 90 s; sent Hold Timer Expired (4/0)");
  establish({.notification = true}, 100s);
  session.expired(SessionTimer::kHoldIncoming, 190s);
  EXPECT_EQ(down(), "DOWN silent for 90 s; sent Hold Timer Expired (4/0) (keeping IPv4 for 120 s)");
}

TEST_F(GracefulRestartTest, WhatWeEndForGoodIsAHardResetToThoseWhoKnowIt) {
  establish({.notification = true});
  session.stop(1s, cease::kPeerDeconfigured);
  EXPECT_EQ(down(), "DOWN stopped; sent Cease/Hard Reset (6/9): Cease/Peer De-configured (6/3)");
  establish({});
  session.stop(1s, cease::kPeerDeconfigured);
  EXPECT_EQ(down(), "DOWN stopped; sent Cease/Peer De-configured (6/3)");
}

TEST_F(GracefulRestartTest, TooManyPrefixesKeepNothing) {
  establish({.notification = true});
  host.verdict = UpdateVerdict::kMaximumPrefixReached;
  session.received(Side::kIncoming, announcement("20 cb00710a"), 1s);
  EXPECT_EQ(down(),
            "DOWN maximum_prefix reached; sent Cease/Hard Reset (6/9): Cease/Maximum Number of Prefixes "
            "Reached (6/1)");
}

TEST_F(GracefulRestartTest, OurOwnSettingCanRefuseToKeepAnything) {
  SessionConfig config = local();
  config.graceful_restart = false;
  RecordingHost other_host;
  Session other(config, other_host);
  other.start(0s);
  ASSERT_TRUE(other.offer_incoming(0s));
  other.connected(Side::kIncoming, 0s);
  other.received(Side::kIncoming, open({.notification = true}) + encode_keepalive(), 0s);
  other.closed(Side::kIncoming, "closed by the peer", 1s);
  EXPECT_NE(other_host.take().find("DOWN closed by the peer\n"), std::string::npos);
}

// A node whose kernel went away without a FIN: its next connection is all that we see (RFC 4724 section 5).
TEST_F(GracefulRestartTest, ANewConnectionOfAPeerThatRestartedReplacesTheOldSession) {
  establish({});
  const Time later = Session::kCollisionWindow + 1s;
  EXPECT_TRUE(session.offer_incoming(later));
  EXPECT_EQ(host.take(),
            "incoming: close\n"
            "DOWN the peer has opened a new connection (keeping IPv4 for 120 s)\n");
  session.connected(Side::kIncoming, later);
  session.received(Side::kIncoming, open({}) + encode_keepalive(), later);
  EXPECT_EQ(session.status().state, State::kEstablished);
}

TEST_F(GracefulRestartTest, ACollisionOrAPeerWithoutTheCapabilityReplacesNothing) {
  establish({});
  EXPECT_FALSE(session.offer_incoming(1s)) << "the other half of a collision";
  EXPECT_EQ(session.status().state, State::kEstablished);
  session.stop(2s, cease::kAdministrativeShutdown);
  establish({.lists_families = false}, 10s);
  EXPECT_FALSE(session.offer_incoming(1000s));
  EXPECT_EQ(session.status().state, State::kEstablished);
}

TEST_F(GracefulRestartTest, ThePeerLearnsThatOurTableIsComplete) {
  session.start(0s);
  ASSERT_TRUE(session.offer_incoming(0s));
  session.connected(Side::kIncoming, 0s);
  session.received(Side::kIncoming, open({}) + encode_keepalive(), 0s);
  const std::string lines = host.take();
  EXPECT_NE(lines.find("incoming: send UPDATE\nincoming: send UPDATE\nESTABLISHED"), std::string::npos) << lines;
}

TEST_F(GracefulRestartTest, EndOfRibComesBehindTheTable) {
  host.has_table = true;
  session.start(0s);
  ASSERT_TRUE(session.offer_incoming(0s));
  session.connected(Side::kIncoming, 0s);
  session.finish_table();
  session.received(Side::kIncoming, open({}) + encode_keepalive(), 0s);
  EXPECT_EQ(host.take().find("send UPDATE"), std::string::npos);
  session.finish_table();
  EXPECT_EQ(host.take(), "incoming: send UPDATE\nincoming: send UPDATE\n") << "for each family";
  session.stop(1s, cease::kAdministrativeShutdown);
  establish({.offers = false}, 10s);
  session.finish_table();
  EXPECT_EQ(host.take(), "") << "who did not ask is not told";
}

}  // namespace
}  // namespace ecmpd::control::bgp
