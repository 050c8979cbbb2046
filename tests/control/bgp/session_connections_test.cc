// Two connections of one session: connecting, retrying, and collisions (RFC 4271 section 6.8).
#include <gtest/gtest.h>

#include "control/bgp/session.h"
#include "tests/control/bgp/recording_host.h"

namespace ecmpd::control::bgp {
namespace {

using namespace testing;
using namespace std::chrono_literals;

class ActiveSessionTest : public ::testing::Test {
 protected:
  ActiveSessionTest() : session(active(), host) {}

  static SessionConfig active() {
    SessionConfig config = local();
    config.passive = false;
    return config;
  }
  // Both connections open, each end's OPEN on its way.
  void open_both() {
    session.start(0s);
    session.connected(Side::kOutgoing, 0s);
    ASSERT_TRUE(session.offer_incoming(0s));
    session.connected(Side::kIncoming, 0s);
    host.take();
  }

  RecordingHost host;
  Session session;
  static constexpr uint32_t kLower = 0x0a000000, kHigher = 0x0a000002;  // than our identifier
};

TEST_F(ActiveSessionTest, ConnectsRetriesAndEstablishes) {
  session.start(0s);
  EXPECT_EQ(host.take(), "connect\ntimer connect-retry 5000\n");
  EXPECT_EQ(session.status().state, State::kConnect);
  session.closed(Side::kOutgoing, "refused", 0s);
  EXPECT_EQ(session.status().state, State::kActive);
  EXPECT_EQ(host.take(), "") << "the timer still runs";
  session.expired(SessionTimer::kConnectRetry, 5s);
  EXPECT_EQ(host.take(), "connect\ntimer connect-retry 5000\n");
  session.connected(Side::kOutgoing, 5s);
  EXPECT_EQ(host.take(), "outgoing: send OPEN\ntimer hold-outgoing 20000\n");
  session.received(Side::kOutgoing, peer_open() + encode_keepalive(), 5s);
  EXPECT_EQ(session.status().state, State::kEstablished);
  host.take();
  session.closed(Side::kOutgoing, "closed by the peer", 6s);
  EXPECT_EQ(host.take(), "DOWN closed by the peer\ntimer connect-retry 5000\n");
}

TEST_F(ActiveSessionTest, AConnectThatHangsIsGivenUp) {
  session.start(0s);
  host.take();
  session.expired(SessionTimer::kConnectRetry, 5s);
  EXPECT_EQ(host.take(), "outgoing: close\nconnect\ntimer connect-retry 5000\n");
}

TEST_F(ActiveSessionTest, AnIncomingSessionEndsTheAttemptToConnect) {
  session.start(0s);
  ASSERT_TRUE(session.offer_incoming(0s));
  session.connected(Side::kIncoming, 0s);
  host.take();
  session.received(Side::kIncoming, peer_open() + encode_keepalive(), 0s);
  EXPECT_NE(host.take().find("outgoing: close\nESTABLISHED"), std::string::npos);
  EXPECT_EQ(session.status().side, Side::kIncoming);
}

TEST_F(ActiveSessionTest, CollisionKeepsTheConnectionOfTheHigherIdentifier) {
  open_both();
  session.received(Side::kOutgoing, peer_open(64512, kHigher), 0s);
  host.take();
  session.received(Side::kIncoming, peer_open(64512, kHigher), 0s);
  EXPECT_EQ(host.take(),
            "outgoing: send NOTIFICATION Cease/Connection Collision Resolution (6/7)\noutgoing: close\n"
            "incoming: send KEEPALIVE\ntimer hold-incoming 90000\ntimer keepalive-incoming 30000\n");
  session.received(Side::kIncoming, encode_keepalive(), 0s);
  EXPECT_EQ(session.status().state, State::kEstablished);
}

TEST_F(ActiveSessionTest, CollisionIsDecidedTheSameWhicheverOpenComesFirst) {
  for (const Side first : {Side::kOutgoing, Side::kIncoming}) {
    for (const uint32_t id : {kLower, kHigher}) {
      RecordingHost own_host;
      Session own(active(), own_host);
      own.start(0s);
      own.connected(Side::kOutgoing, 0s);
      ASSERT_TRUE(own.offer_incoming(0s));
      own.connected(Side::kIncoming, 0s);
      own.received(first, peer_open(64512, id), 0s);
      own.received(first == Side::kOutgoing ? Side::kIncoming : Side::kOutgoing, peer_open(64512, id), 0s);
      const std::string closed = id == kLower ? "incoming: close\n" : "outgoing: close\n";
      const std::string kept = id == kLower ? "outgoing: close\n" : "incoming: close\n";
      EXPECT_NE(own_host.lines.find(closed), std::string::npos);
      EXPECT_EQ(own_host.lines.find(kept), std::string::npos);
    }
  }
}

TEST_F(ActiveSessionTest, TheFirstToBeEstablishedEndsTheOther) {
  open_both();
  session.received(Side::kIncoming, peer_open(64512, kLower) + encode_keepalive(), 0s);
  EXPECT_EQ(session.status().state, State::kEstablished);
  EXPECT_NE(host.take().find("outgoing: close\nESTABLISHED"), std::string::npos);
}

TEST_F(ActiveSessionTest, AnEstablishedSessionIsProbedWhenItsPeerConnectsAgain) {
  session.start(0s);
  session.connected(Side::kOutgoing, 0s);
  session.received(Side::kOutgoing, peer_open() + encode_keepalive(), 0s);
  host.take();
  EXPECT_FALSE(session.offer_incoming(1s));
  EXPECT_EQ(host.take(), "outgoing: send KEEPALIVE\n");
  EXPECT_EQ(session.status().state, State::kEstablished);
}

TEST_F(ActiveSessionTest, ANewerIncomingConnectionReplacesOneThatIsNotEstablished) {
  open_both();
  session.received(Side::kIncoming, peer_open(), 0s);
  host.take();
  ASSERT_TRUE(session.offer_incoming(1s));
  EXPECT_EQ(host.take(), "incoming: send NOTIFICATION Cease/Connection Collision Resolution (6/7)\nincoming: close\n");
  session.connected(Side::kIncoming, 1s);
  session.received(Side::kIncoming, peer_open(64512, kHigher) + encode_keepalive(), 1s);
  EXPECT_EQ(session.status().state, State::kEstablished);
}

TEST_F(ActiveSessionTest, LosingOneOfTwoConnectionsKeepsTheOther) {
  open_both();
  session.closed(Side::kOutgoing, "reset", 0s);
  EXPECT_EQ(session.status().state, State::kOpenSent);
  EXPECT_EQ(host.take(), "");
  session.closed(Side::kIncoming, "reset", 0s);
  EXPECT_EQ(host.take(), "timer connect-retry 5000\n");
}

TEST_F(ActiveSessionTest, StopEndsEverything) {
  open_both();
  session.stop(0s, cease::kPeerDeconfigured);
  const std::string lines = host.take();
  EXPECT_NE(lines.find("outgoing: close\n"), std::string::npos);
  EXPECT_NE(lines.find("incoming: close\n"), std::string::npos);
  EXPECT_EQ(session.status().state, State::kIdle);
}

}  // namespace
}  // namespace ecmpd::control::bgp
