// What is remembered of a lost session: the reason, and the NOTIFICATION that ended it, whoever sent it.
#include <gtest/gtest.h>

#include "control/bgp/session.h"
#include "tests/control/bgp/recording_host.h"

namespace ecmpd::control::bgp {
namespace {

using namespace testing;
using namespace std::chrono_literals;

class SessionResetTest : public ::testing::Test {
 protected:
  SessionResetTest() : session(active(), host) {}

  static SessionConfig active() {
    SessionConfig config = local();
    config.passive = false;
    return config;
  }
  static std::vector<uint8_t> open(bool notification_bit) {
    OpenMessage message;
    message.asn = 64512;
    message.router_id = 0x0a00010b;
    message.hold_time = 90;
    message.families = {kIpv4Unicast};
    message.four_octet_as = true;
    message.graceful_restart.offered = message.graceful_restart.notification = notification_bit;
    return encode_open(message);
  }
  void connect(Time now = 0s) {
    ASSERT_TRUE(session.offer_incoming(now));
    session.connected(Side::kIncoming, now);
  }
  void establish(Time now = 0s, bool notification_bit = false) {
    session.start(now);
    connect(now);
    session.received(Side::kIncoming, open(notification_bit) + encode_keepalive(), now);
    ASSERT_EQ(session.status().state, State::kEstablished);
  }
  void receive(const Notification& notification, Time now) {
    session.received(Side::kIncoming, encode(notification), now);
  }
  /// "sent 0602 hard Cease/Administrative Shutdown 'bye'", or the reason where no NOTIFICATION was; with the time.
  std::string reset() const {
    const auto& last = session.status().last_reset;
    if (!last) return "none";
    const std::string at = fmt::format(" at {}", last->at.count());
    if (!last->notification) return last->reason + at;
    const EndingNotification& ending = *last->notification;
    return fmt::format("{} {:02X}{:02X}{} {}{}{}", ending.sent ? "sent" : "received", static_cast<uint8_t>(ending.code),
                       ending.subcode, ending.hard_reset ? " hard" : "", ending.name,
                       ending.shutdown_communication.empty() ? "" : " '" + ending.shutdown_communication + "'", at);
  }

  RecordingHost host;
  Session session;
};

TEST_F(SessionResetTest, ANotificationIsKnownByWhoSentIt) {
  EXPECT_EQ(reset(), "none");
  establish();
  EXPECT_EQ(reset(), "none");
  receive({ErrorCode::kCease, cease::kAdministrativeShutdown, {3, 'b', 'y', 'e'}}, 1s);
  EXPECT_EQ(reset(), "received 0602 Cease/Administrative Shutdown 'bye' at 1000");
  establish(2s);
  EXPECT_EQ(reset(), "received 0602 Cease/Administrative Shutdown 'bye' at 1000") << "also while it is up again";
  session.expired(SessionTimer::kHoldIncoming, 92s);
  EXPECT_EQ(reset(), "sent 0400 Hold Timer Expired at 92000");
  establish(100s);
  session.received(Side::kIncoming, std::vector<uint8_t>(19, 'G'), 101s);
  EXPECT_EQ(reset(), "sent 0101 Message Header Error/Connection Not Synchronized at 101000");
}

TEST_F(SessionResetTest, OfAHardResetItIsWhatItWraps) {
  establish(0s, true);
  receive(hard_reset({ErrorCode::kCease, cease::kAdministrativeReset, {}}), 1s);
  EXPECT_EQ(reset(), "received 0604 hard Cease/Administrative Reset at 1000");
  establish(2s, true);
  session.stop(3s, cease::kPeerDeconfigured);
  EXPECT_EQ(reset(), "sent 0603 hard Cease/Peer De-configured at 3000");
  establish(4s, true);
  receive({ErrorCode::kCease, cease::kHardReset, {}}, 5s);
  EXPECT_EQ(reset(), "received 0609 hard Cease/Hard Reset at 5000") << "it wraps nothing";
  establish(6s, true);
  receive(hard_reset(hard_reset({ErrorCode::kCease, cease::kAdministrativeReset, {}})), 7s);
  EXPECT_EQ(reset(), "received 0609 hard Cease/Hard Reset at 7000");
}

TEST_F(SessionResetTest, ALostConnectionHasNoNotificationAnyMore) {
  establish();
  receive({ErrorCode::kCease, cease::kPeerDeconfigured, {}}, 1s);
  establish(2s);
  session.closed(Side::kIncoming, "closed by the peer", 3s);
  EXPECT_EQ(reset(), "closed by the peer at 3000");
}

TEST_F(SessionResetTest, WhatFailsToConnectSinceDoesNotHideIt) {
  session.start(0s);
  session.closed(Side::kOutgoing, "refused", 0s);
  EXPECT_EQ(reset(), "none");
  establish();
  receive({ErrorCode::kCease, cease::kAdministrativeShutdown, {}}, 1s);
  session.expired(SessionTimer::kConnectRetry, 6s);
  session.closed(Side::kOutgoing, "refused", 6s);
  session.expired(SessionTimer::kConnectRetry, 11s);
  session.connected(Side::kOutgoing, 11s);
  session.closed(Side::kOutgoing, "closed by the peer", 11s);
  EXPECT_EQ(reset(), "received 0602 Cease/Administrative Shutdown at 1000");
  connect(12s);
  session.received(Side::kIncoming, peer_open(64513), 12s);
  EXPECT_EQ(reset(), "sent 0202 OPEN Message Error/Bad Peer AS at 12000") << "but an attempt that was refused counts";
}

TEST_F(SessionResetTest, ACollisionIsNone) {
  session.start(0s);
  session.connected(Side::kOutgoing, 0s);
  connect();
  session.received(Side::kIncoming, peer_open() + encode_keepalive(), 0s);
  ASSERT_EQ(session.status().state, State::kEstablished);
  EXPECT_NE(host.take().find("outgoing: send NOTIFICATION Cease/Connection Collision Resolution"), std::string::npos);
  EXPECT_EQ(reset(), "none");
}

}  // namespace
}  // namespace ecmpd::control::bgp
