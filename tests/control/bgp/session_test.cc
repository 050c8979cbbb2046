// The state machine, event by event, against the lines that it must produce.
#include "control/bgp/session.h"

#include <gtest/gtest.h>

#include "tests/control/bgp/recording_host.h"

namespace ecmpd::control::bgp {
namespace {

using namespace testing;
using namespace std::chrono_literals;

class SessionTest : public ::testing::Test {
 protected:
  RecordingHost host;
  Session session{local(), host};

  void accept(Time now = 0s) {
    ASSERT_TRUE(session.offer_incoming(now));
    session.connected(Side::kIncoming, now);
  }
  void receive(const std::vector<uint8_t>& bytes, Time now = 0s) { session.received(Side::kIncoming, bytes, now); }
  void establish() {
    session.start(0s);
    accept();
    receive(peer_open() + encode_keepalive());
    ASSERT_EQ(session.status().state, State::kEstablished);
    host.take();
  }
};

TEST_F(SessionTest, PassiveSessionFromStartToEstablished) {
  EXPECT_EQ(session.status().state, State::kIdle);
  EXPECT_FALSE(session.offer_incoming(0s));
  session.start(0s);
  EXPECT_EQ(session.status().state, State::kActive);
  EXPECT_EQ(host.take(), "");
  accept();
  EXPECT_EQ(session.status().state, State::kOpenSent);
  EXPECT_EQ(host.take(), "incoming: send OPEN\ntimer hold-incoming 20000\n");
  receive(peer_open());
  EXPECT_EQ(session.status().state, State::kOpenConfirm);
  EXPECT_EQ(host.take(), "incoming: send KEEPALIVE\ntimer hold-incoming 90000\ntimer keepalive-incoming 30000\n");
  receive(encode_keepalive());
  EXPECT_EQ(session.status().state, State::kEstablished);
  EXPECT_EQ(host.take(), "ESTABLISHED as 64512 hold 90 keepalive 30\n");
}

// Nodes push everything behind their KEEPALIVE without waiting for ours.
TEST_F(SessionTest, EverythingInOneSegmentAndByteByByteGiveTheSame) {
  const auto stream = peer_open() + encode_keepalive() + announcement("20 cb00710a") + announcement("20 cb00710b") +
                      raw_message(2, hex("00000000")) + withdrawal("20 cb00710a");
  session.start(0s);
  accept();
  host.take();
  receive(stream);
  const std::string whole = host.take();
  EXPECT_NE(whole.find("ESTABLISHED as 64512 hold 90 keepalive 30\n"
                       "UPDATE +203.0.113.10/32 via 10.0.1.11\n"
                       "UPDATE +203.0.113.11/32 via 10.0.1.11\n"
                       "END OF RIB IPv4\n"
                       "UPDATE -203.0.113.10/32\n"),
            std::string::npos)
      << whole;

  RecordingHost slow_host;
  Session slow(local(), slow_host);
  slow.start(0s);
  ASSERT_TRUE(slow.offer_incoming(0s));
  slow.connected(Side::kIncoming, 0s);
  slow_host.take();
  for (const uint8_t& byte : stream) slow.received(Side::kIncoming, Bytes(&byte, 1), 0s);
  EXPECT_EQ(slow_host.take(), whole);
}

TEST_F(SessionTest, HoldTimeIsTheSmallerOneAndZeroMeansNone) {
  session.start(0s);
  accept();
  host.take();
  receive(peer_open(64512, 1, 9));
  EXPECT_EQ(host.take(), "incoming: send KEEPALIVE\ntimer hold-incoming 9000\ntimer keepalive-incoming 3000\n");
  session.closed(Side::kIncoming, "gone", 0s);
  accept();
  host.take();
  receive(peer_open(64512, 1, 0) + encode_keepalive());
  EXPECT_EQ(host.take(), "incoming: send KEEPALIVE\nESTABLISHED as 64512 hold 0 keepalive 0\n");
}

TEST_F(SessionTest, WithoutAHoldTimeThePeerStillHasToConfirmItsOpen) {
  session.start(0s);
  accept();
  receive(peer_open(64512, 1, 0));
  EXPECT_EQ(session.status().state, State::kOpenConfirm);
  host.take();
  session.expired(SessionTimer::kHoldIncoming, 20s);
  EXPECT_EQ(host.take(), "incoming: send NOTIFICATION Hold Timer Expired (4/0)\nincoming: close\n");
  EXPECT_EQ(session.status().state, State::kActive);
}

TEST_F(SessionTest, KeepalivesAreSentUntilTheConnectionEnds) {
  establish();
  session.expired(SessionTimer::kKeepaliveIncoming, 30s);
  EXPECT_EQ(host.take(), "incoming: send KEEPALIVE\ntimer keepalive-incoming 30000\n");
  session.closed(Side::kIncoming, "connection reset", 31s);
  EXPECT_EQ(host.take(), "DOWN connection reset\n");
  session.expired(SessionTimer::kKeepaliveIncoming, 60s);
  EXPECT_EQ(host.take(), "");
}

TEST_F(SessionTest, HoldTimerMeasuresTheSilenceAndWaitsForWhatIsQueued) {
  establish();
  receive(encode_keepalive(), 30s);
  session.expired(SessionTimer::kHoldIncoming, 90s);
  EXPECT_EQ(host.take(), "timer hold-incoming 30000\n");
  host.pending = true;
  session.expired(SessionTimer::kHoldIncoming, 120s);
  EXPECT_EQ(host.take(), "timer hold-incoming 1000\n");
  host.pending = false;
  session.expired(SessionTimer::kHoldIncoming, 121s);
  EXPECT_EQ(host.take(),
            "incoming: send NOTIFICATION Hold Timer Expired (4/0)\nincoming: close\n"
            "DOWN silent for 90 s; sent Hold Timer Expired (4/0)\n");
  EXPECT_EQ(session.status().state, State::kActive);
}

TEST_F(SessionTest, AnOpenThatNeverComesEndsTheConnection) {
  session.start(0s);
  accept();
  auto half = peer_open();
  half.resize(half.size() / 2);
  receive(half);
  host.take();
  session.expired(SessionTimer::kHoldIncoming, 20s);
  EXPECT_EQ(host.take(), "incoming: send NOTIFICATION Hold Timer Expired (4/0)\nincoming: close\n");
}

TEST_F(SessionTest, StopSendsCeaseAndRefusesUntilStarted) {
  establish();
  session.stop(5s, cease::kAdministrativeShutdown);
  EXPECT_EQ(host.take(),
            "incoming: send NOTIFICATION Cease/Administrative Shutdown (6/2)\nincoming: close\n"
            "DOWN stopped; sent Cease/Administrative Shutdown (6/2)\n");
  EXPECT_EQ(session.status().state, State::kIdle);
  EXPECT_FALSE(session.offer_incoming(6s));
  session.start(7s);
  EXPECT_TRUE(session.offer_incoming(7s));
}

TEST_F(SessionTest, MaximumPrefixHoldsThePeerDownForAWhile) {
  establish();
  host.verdict = UpdateVerdict::kMaximumPrefixReached;
  receive(announcement("20 cb00710a") + announcement("20 cb00710b"), 1s);
  EXPECT_EQ(host.take(),
            "UPDATE +203.0.113.10/32 via 10.0.1.11\n"
            "timer idle-hold 60000\n"
            "incoming: send NOTIFICATION Cease/Maximum Number of Prefixes Reached (6/1)\nincoming: close\n"
            "DOWN maximum_prefix reached; sent Cease/Maximum Number of Prefixes Reached (6/1)\n");
  EXPECT_EQ(session.status().state, State::kIdle);
  EXPECT_FALSE(session.offer_incoming(2s));
  session.expired(SessionTimer::kIdleHold, 61s);
  EXPECT_EQ(session.status().state, State::kActive);
  EXPECT_TRUE(session.offer_incoming(61s));
}

TEST_F(SessionTest, ANotificationEndsTheSessionWithoutAnAnswer) {
  establish();
  receive(encode(Notification{ErrorCode::kCease, cease::kPeerDeconfigured, {}}));
  EXPECT_EQ(host.take(), "incoming: close\nDOWN received Cease/Peer De-configured (6/3)\n");
  EXPECT_EQ(session.status().last_received_notification, "Cease/Peer De-configured (6/3)");
}

TEST_F(SessionTest, MetallbsDamagedNexthopKeepsTheSession) {
  establish();
  for (int i = 0; i < 3; ++i) {
    receive(raw_message(
        2, update_body("", "40 01 01 00 40 02 06 02 01 0000fc00 40 03 04 fd000000 0000000000000000 00000001",
                       "20 cb00710a")));
    EXPECT_EQ(host.take(), "UPDATE -203.0.113.10/32\n");
  }
  EXPECT_EQ(session.status().state, State::kEstablished);
  EXPECT_EQ(session.status().damaged_updates, 3u);
}

TEST_F(SessionTest, RouteRefreshIsCountedAndIgnored) {
  establish();
  receive(raw_message(5, hex("00010001")));
  EXPECT_EQ(host.take(), "");
  EXPECT_EQ(session.status().received[5], 1u);
}

TEST_F(SessionTest, EndOfRibIsReportedOnce) {
  establish();
  receive(raw_message(2, hex("00000000")) + raw_message(2, hex("00000000")));
  EXPECT_EQ(host.take(), "END OF RIB IPv4\n");
}

struct Refused {
  std::string_view name;
  std::vector<uint8_t> bytes;
  std::string_view notification;
};

TEST_F(SessionTest, WrongMessagesInOpenSentAreRefused) {
  const Refused cases[] = {
      {"wrong AS", peer_open(64513), "OPEN Message Error/Bad Peer AS (2/2)"},
      {"hold time 1", peer_open(64512, 1, 1), "OPEN Message Error/Unacceptable Hold Time (2/6)"},
      {"keepalive first", encode_keepalive(), "FSM Error/Unexpected Message in OpenSent (5/1) data 04"},
      {"update first", announcement("08 0a"), "FSM Error/Unexpected Message in OpenSent (5/1) data 02"},
      {"text", std::vector<uint8_t>(100, 'G'), "Message Header Error/Connection Not Synchronized (1/1)"},
      {"open twice", peer_open() + peer_open(), "FSM Error/Unexpected Message in OpenConfirm (5/2) data 01"},
      {"update before keepalive", peer_open() + announcement("08 0a"),
       "FSM Error/Unexpected Message in OpenConfirm (5/2) data 02"},
      {"open when established", peer_open() + encode_keepalive() + peer_open(),
       "FSM Error/Unexpected Message in Established (5/3) data 01"},
  };
  session.start(0s);
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    accept();
    host.take();
    receive(c.bytes);
    EXPECT_EQ(session.status().last_sent_notification, c.notification);
    EXPECT_NE(host.take().find("incoming: close\n"), std::string::npos);
    EXPECT_EQ(session.status().state, State::kActive);
  }
}

TEST(SessionInternal, APeerWithOurOwnIdentifierIsRefusedWithinTheAs) {
  RecordingHost host;
  SessionConfig config = local();
  config.remote_as = {64500};
  Session session(config, host);
  session.start(0s);
  ASSERT_TRUE(session.offer_incoming(0s));
  session.connected(Side::kIncoming, 0s);
  session.received(Side::kIncoming, peer_open(64500, 0x0a000001), 0s);
  EXPECT_EQ(session.status().last_sent_notification, "OPEN Message Error/Bad BGP Identifier (2/3)");
  ASSERT_TRUE(session.offer_incoming(0s));
  session.connected(Side::kIncoming, 0s);
  session.received(Side::kIncoming, peer_open(64500, 0x0a000002) + encode_keepalive(), 0s);
  EXPECT_NE(host.take().find("ESTABLISHED as 64500 hold 90 keepalive 30 internal\n"), std::string::npos);
}

}  // namespace
}  // namespace ecmpd::control::bgp
