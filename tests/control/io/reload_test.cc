// A changed policy: the session goes on, and the peer sends its routes again if it can (RFC 2918). And what becomes of
// routes that were kept for a peer that restarts.
#include <gtest/gtest.h>

#include "tests/control/io/speaker_fixture.h"

namespace ecmpd::control {
namespace {

using namespace testing;
using bgp::testing::operator+;

class ReloadTest : public SpeakerTest {
 protected:
  static bgp::OpenMessage message() {
    bgp::OpenMessage out;
    out.asn = 64512;
    out.router_id = 0x7f000102;
    out.hold_time = 90;
    out.families = {bgp::kIpv4Unicast};
    out.four_octet_as = true;
    return out;
  }
  /// Of a peer whose IPv4 routes outlive its session for so long.
  static bgp::OpenMessage restartable(std::chrono::seconds restart_time) {
    bgp::OpenMessage out = message();
    out.graceful_restart.offered = true;
    out.graceful_restart.families = {.ipv4 = true};
    out.graceful_restart.restart_time = restart_time;
    return out;
  }
  void establish_as(RawPeer& peer, const bgp::OpenMessage& open) {
    peer.send(bgp::encode_open(open) + bgp::encode_keepalive());
    EXPECT_EQ(peer.next(), "OPEN");
    EXPECT_EQ(peer.next(), "KEEPALIVE");
    EXPECT_EQ(sink.next(), "up 127.0.1.2 as 64512 dynamic");
  }
  static BgpConfig with_limit(uint32_t maximum_prefix) {
    BgpConfig config = listening();
    config.listens[0].policy.maximum_prefix = maximum_prefix;
    return config;
  }
};

TEST_F(ReloadTest, APolicyThatNeedsNothingNewIsOnlyHandedOn) {
  apply(listening());
  RawPeer peer("127.0.1.2", port);
  establish_as(peer, message());
  apply(with_limit(7));
  EXPECT_EQ(sink.next(), "policy");
  apply(with_limit(7));
  EXPECT_TRUE(sink.quiet()) << "nothing has changed";
  EXPECT_EQ(peers().at(0).status.established_count, 1u);
}

TEST_F(ReloadTest, APeerThatCanIsAskedForItsRoutesAgain) {
  sink.needs_routes_again = true;
  apply(listening());
  RawPeer peer("127.0.1.2", port);
  bgp::OpenMessage open = message();
  open.route_refresh = true;
  establish_as(peer, open);
  apply(with_limit(7));
  EXPECT_EQ(sink.next(), "policy");
  EXPECT_EQ(peer.next(), "ROUTE-REFRESH");
  EXPECT_EQ(peers().at(0).status.state, bgp::State::kEstablished);
}

TEST_F(ReloadTest, APeerThatCannotGetsANewSession) {
  sink.needs_routes_again = true;
  apply(listening());
  RawPeer peer("127.0.1.2", port);
  establish_as(peer, message());
  apply(with_limit(7));
  EXPECT_EQ(sink.next(), "policy");
  EXPECT_EQ(peer.next(), "NOTIFICATION Cease/Other Configuration Change (6/6)");
  EXPECT_EQ(sink.next(), "down stopped; sent Cease/Other Configuration Change (6/6)");
}

TEST_F(ReloadTest, APeerThatIsNoLongerConfiguredLosesWhatWasKeptForIt) {
  apply(listening());
  const bgp::OpenMessage open = restartable(std::chrono::seconds(120));
  {
    RawPeer peer("127.0.1.2", port);
    establish_as(peer, open);
  }
  // A FIN, or a reset because our End-of-RIB was not read.
  EXPECT_NE(sink.next().find(", routes kept"), std::string::npos);
  apply(listening());
  EXPECT_TRUE(sink.quiet());
  sink.needs_routes_again = true;
  apply(with_limit(7));
  EXPECT_EQ(sink.next(), "policy") << "it counts for what is kept";
  EXPECT_TRUE(sink.quiet()) << "and nobody can be asked to repeat his routes";
  BgpConfig other = listening();
  other.listens[0].range = *Prefix::parse("127.0.9.0/24");
  apply(other);
  EXPECT_EQ(sink.next(), "forgotten");
}

TEST_F(ReloadTest, APeerThatDoesNotComeBackInTimeLosesWhatWasKeptForIt) {
  apply(listening());
  const bgp::OpenMessage open = restartable(std::chrono::seconds(1));
  {
    RawPeer peer("127.0.1.2", port);
    establish_as(peer, open);
  }
  EXPECT_NE(sink.next().find(", routes kept"), std::string::npos);
  EXPECT_EQ(sink.next(), "forgotten");
  EXPECT_EQ(peers().size(), 1u) << "the peer itself is still known";
  stop();
  EXPECT_TRUE(sink.quiet()) << "forgotten once";
}

TEST_F(ReloadTest, APeerThatIsBackInTimeKeepsWhatWasKeptForIt) {
  apply(listening());
  const bgp::OpenMessage open = restartable(std::chrono::seconds(4));
  {
    RawPeer peer("127.0.1.2", port);
    establish_as(peer, open);
  }
  EXPECT_NE(sink.next().find(", routes kept"), std::string::npos);
  RawPeer back("127.0.1.2", port);
  establish_as(back, open);
  // Another one goes later, and its time, which is as long, is over later.
  {
    RawPeer other("127.0.1.3", port);
    other.send(bgp::encode_open(open) + bgp::encode_keepalive());
    EXPECT_EQ(sink.next(), "up 127.0.1.3 as 64512 dynamic");
  }
  EXPECT_NE(sink.next().find(", routes kept"), std::string::npos);
  EXPECT_EQ(sink.next(), "forgotten");
  const auto shown = peers();
  EXPECT_EQ(shown.at(0).status.state, bgp::State::kEstablished);
  EXPECT_EQ(shown.at(1).status.state, bgp::State::kActive);
  stop();
  EXPECT_NE(sink.next().find("down stopped"), std::string::npos);
  EXPECT_TRUE(sink.quiet()) << "one of them was forgotten, and that once";
}

TEST_F(ReloadTest, APeerThatIsToldRoutesGetsEndOfRibBehindThem) {
  BgpConfig config = listening();
  config.listens[0].policy.export_filter.rules.emplace_back();
  apply(config);
  bgp::OpenMessage open = message();
  open.graceful_restart.offered = true;
  RawPeer peer("127.0.1.2", port);
  establish_as(peer, open);
  constexpr auto kUpdate = static_cast<size_t>(bgp::MessageType::kUpdate);
  EXPECT_EQ(peers().at(0).status.sent.at(kUpdate), 0u);
  finish_table(peers().at(0).id);
  EXPECT_EQ(peer.next(), "UPDATE");
}

}  // namespace
}  // namespace ecmpd::control
