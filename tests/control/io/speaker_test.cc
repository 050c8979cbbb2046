// A speaker among peers that misbehave, over real sockets on the loopback device.
#include "control/io/bgp_speaker.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "tests/control/io/speaker_fixture.h"

namespace ecmpd::control {
namespace {

using namespace testing;
using bgp::testing::hex;
using bgp::testing::raw_message;
using bgp::testing::update_body;
using bgp::testing::operator+;

std::vector<uint8_t> announcement(std::string_view nlri) {
  return raw_message(2, update_body("", "40 01 01 00 40 02 06 02 01 0000fc00 40 03 04 0a00010b", nlri));
}

TEST_F(SpeakerTest, ADynamicPeerComesAnnouncesAndGoes) {
  apply(listening());
  RawPeer peer("127.0.1.2", port);
  establish(peer);
  EXPECT_EQ(sink.next(), "up 127.0.1.2 as 64512 dynamic");
  peer.send(announcement("20 cb00710a") + raw_message(2, update_body("20 cb00710a", "", "")));
  EXPECT_EQ(sink.next(), "+203.0.113.10/32");
  EXPECT_EQ(sink.next(), "-203.0.113.10/32");

  const auto reports = peers();
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_TRUE(reports[0].dynamic);
  EXPECT_EQ(reports[0].status.state, bgp::State::kEstablished);
  EXPECT_EQ(reports[0].status.received[2], 2u);
  EXPECT_EQ(reports[0].local_endpoint, fmt::format("127.0.0.1:{}", port));
  EXPECT_EQ(reports[0].remote_endpoint.substr(0, 10), "127.0.1.2:");

  peer.close();
  EXPECT_EQ(sink.next().substr(0, 5), "down ");
  EXPECT_EQ(peers().at(0).status.state, bgp::State::kActive) << "still shown, with the reason";
}

TEST_F(SpeakerTest, StrangersAreClosedAndMakeNoPeer) {
  apply(listening());
  RawPeer stranger("127.0.2.2", port);
  EXPECT_EQ(stranger.next(), "closed");
  EXPECT_TRUE(peers().empty());
}

TEST_F(SpeakerTest, MisbehaviourHarmsNoOtherSession) {
  apply(listening());
  RawPeer good("127.0.1.2", port);
  establish(good);
  EXPECT_EQ(sink.next(), "up 127.0.1.2 as 64512 dynamic");

  RawPeer garbage("127.0.1.3", port);
  garbage.send(std::vector<uint8_t>(100000, 0x41));
  EXPECT_EQ(garbage.next(), "OPEN");
  EXPECT_EQ(garbage.next(), "NOTIFICATION Message Header Error/Connection Not Synchronized (1/1)");
  EXPECT_EQ(garbage.next(), "closed");

  RawPeer half("127.0.1.4", port);
  auto part = open();
  part.resize(part.size() / 2);
  half.send(part);
  EXPECT_EQ(half.next(), "OPEN");
  half.close();

  RawPeer broken("127.0.1.5", port);
  establish(broken);
  EXPECT_EQ(sink.next(), "up 127.0.1.5 as 64512 dynamic");
  auto cut = announcement("20 cb00710b");
  cut.resize(cut.size() - 2);
  broken.send(cut);
  broken.close();
  EXPECT_EQ(sink.next().substr(0, 5), "down ");

  RawPeer wrong("127.0.1.6", port);
  wrong.send(open(64999));
  EXPECT_EQ(wrong.next(), "OPEN");
  EXPECT_EQ(wrong.next(), "NOTIFICATION OPEN Message Error/Bad Peer AS (2/2)");

  good.send(announcement("20 cb00710a"));
  EXPECT_EQ(sink.next(), "+203.0.113.10/32");
  EXPECT_TRUE(sink.quiet());
}

TEST_F(SpeakerTest, AThousandWithdrawalsInOneMessageOverASlowSegmentation) {
  apply(listening());
  RawPeer peer("127.0.1.2", port);
  establish(peer);
  sink.next();
  std::vector<uint8_t> withdrawn;
  for (uint32_t i = 0; i < 1000; ++i) {
    bgp::append_u8(withdrawn, 32);
    bgp::append_u32(withdrawn, 0x0a000000 + i);
  }
  std::vector<uint8_t> body;
  bgp::append_u16(body, 5000);
  bgp::append(body, withdrawn);
  bgp::append_u16(body, 0);
  const auto message = raw_message(2, body);
  const auto middle = message.begin() + 4097;
  peer.send({message.begin(), middle});
  peer.send({middle, message.end()});
  for (uint32_t i = 0; i < 1000; ++i) {
    ASSERT_EQ(sink.next(), fmt::format("-{}/32", IpAddress::v4(0x0a000000 + i).to_string()));
  }
}

TEST_F(SpeakerTest, StopDeliversACeaseToEverybody) {
  apply(listening());
  RawPeer first("127.0.1.2", port), second("127.0.1.3", port);
  establish(first);
  establish(second);
  RawPeer opening("127.0.1.4", port);
  EXPECT_EQ(opening.next(), "OPEN");
  first.send(announcement("20 cb00710a"));  // unread bytes must not take the Cease away
  stop();
  for (RawPeer* peer : {&first, &second, &opening}) {
    EXPECT_EQ(peer->next(), "NOTIFICATION Cease/Administrative Shutdown (6/2)");
    EXPECT_EQ(peer->next(), "closed");
  }
}

TEST_F(SpeakerTest, MaximumPrefixClosesWithCeaseAndRefusesForAWhile) {
  apply(listening());
  sink.verdict = bgp::UpdateVerdict::kMaximumPrefixReached;
  RawPeer peer("127.0.1.2", port);
  establish(peer);
  peer.send(announcement("20 cb00710a"));
  EXPECT_EQ(peer.next(), "NOTIFICATION Cease/Maximum Number of Prefixes Reached (6/1)");
  RawPeer again("127.0.1.2", port);
  EXPECT_EQ(again.next(), "NOTIFICATION Cease/Connection Rejected (6/5)");
}

// A node whose speaker crashes in a loop connects as fast as it can.
TEST_F(SpeakerTest, OfConnectionsInQuickSuccessionTheNewestIsServed) {
  apply(listening());
  RawPeer first("127.0.1.2", port);
  establish(first);
  EXPECT_EQ(sink.next(), "up 127.0.1.2 as 64512 dynamic");
  first.close();
  EXPECT_EQ(sink.next().substr(0, 5), "down ");
  std::vector<std::unique_ptr<RawPeer>> storm;
  for (int i = 0; i < 20; ++i) storm.push_back(std::make_unique<RawPeer>("127.0.1.2", port));
  establish(*storm.back());
  EXPECT_EQ(sink.next(), "up 127.0.1.2 as 64512 dynamic");
  storm.pop_back();
  for (const auto& peer : storm) EXPECT_EQ(peer->next(), "closed");
}

TEST_F(SpeakerTest, ASecondConnectionIsRefusedAndProbesTheFirst) {
  apply(listening());
  RawPeer first("127.0.1.2", port);
  establish(first);
  RawPeer second("127.0.1.2", port);
  EXPECT_EQ(second.next(), "NOTIFICATION Cease/Connection Collision Resolution (6/7)");
  EXPECT_EQ(first.next(), "KEEPALIVE");
  first.send(announcement("20 cb00710a"));
  sink.next();
  EXPECT_EQ(sink.next(), "+203.0.113.10/32");
}

TEST_F(SpeakerTest, AChangeOfConfigurationTouchesOnlyWhatChanged) {
  BgpConfig config = listening();
  NeighborConfig neighbor;
  neighbor.remote_as = 64512;
  neighbor.passive = true;
  for (const char* address : {"127.0.2.1", "127.0.2.2", "127.0.2.3"}) {
    neighbor.address = *IpAddress::parse(address);
    config.neighbors.push_back(neighbor);
  }
  apply(config);
  RawPeer kept("127.0.2.1", port), changed("127.0.2.2", port), removed("127.0.2.3", port), dynamic("127.0.1.2", port);
  for (RawPeer* peer : {&kept, &changed, &removed, &dynamic}) {
    establish(*peer);
    EXPECT_EQ(sink.next().substr(0, 3), "up ");
  }
  config.neighbors[1].policy.hold_time = 30;
  config.neighbors.pop_back();
  apply(config);
  EXPECT_EQ(changed.next(), "NOTIFICATION Cease/Other Configuration Change (6/6)");
  EXPECT_EQ(removed.next(), "NOTIFICATION Cease/Peer De-configured (6/3)");
  EXPECT_EQ(sink.next(), "down stopped; sent Cease/Other Configuration Change (6/6)");
  EXPECT_EQ(sink.next(), "down stopped; sent Cease/Peer De-configured (6/3)");
  kept.send(announcement("20 cb00710a"));
  EXPECT_EQ(sink.next(), "+203.0.113.10/32");
  dynamic.send(announcement("20 cb00710b"));
  EXPECT_EQ(sink.next(), "+203.0.113.11/32");

  config.listens.clear();
  apply(config);
  EXPECT_EQ(dynamic.next(), "NOTIFICATION Cease/Peer De-configured (6/3)");
}

TEST_F(SpeakerTest, AConfigurationThatCannotBeHadChangesNothing) {
  apply(listening());
  RawPeer peer("127.0.1.2", port);
  establish(peer);
  sink.next();
  BgpConfig config;
  config.router = {64501, 1};
  config.port = 0;
  config.listens = listening().listens;
  config.listen_addresses = {*IpAddress::parse("192.0.2.1")};  // not ours
  const auto applied = try_apply(config);
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error(), "cannot bind 192.0.2.1:0: Cannot assign requested address");
  peer.send(announcement("20 cb00710a"));
  EXPECT_EQ(sink.next(), "+203.0.113.10/32");
}

TEST_F(SpeakerTest, APortThatAnotherDaemonHasIsSaid) {
  apply(listening());
  BgpConfig config = listening();
  config.port = port;
  EventSink other_sink;
  auto other = call([&] { return make_speaker(other_sink); });
  const auto applied = call([&] { return other->apply(config); });
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error(),
            "cannot bind 127.0.0.1:" + std::to_string(port) +
                ": Address already in use: does another BGP daemon run here? It has to be stopped first");
  call([&] { return other.reset(), 0; });
}

// Two speakers, one of which connects: the active half of the state machine against the passive one.
TEST_F(SpeakerTest, AnActiveNeighborConnectsAndConnectsAgain) {
  BgpConfig config = listening();
  NeighborConfig neighbor;
  neighbor.address = IpAddress::v4(0x7f000001);
  neighbor.remote_as = 64512;
  neighbor.passive = true;
  config.neighbors = {neighbor};
  apply(config);

  BgpConfig active;
  active.router = {64512, 0x0a000002};
  active.listen_addresses = {*IpAddress::parse("127.0.3.1")};
  active.port = port;
  neighbor.passive = false;
  neighbor.remote_as = 64500;
  neighbor.connect_retry = 1;
  active.neighbors = {neighbor};

  EventSink other_sink;
  auto other = call([&] { return make_speaker(other_sink); });
  ASSERT_TRUE(call([&] { return other->apply(active); }));
  // Each tells the other, for each family, that its table is complete.
  for (const char* end : {"up 127.0.0.1 as 64500", "end of rib", "end of rib"}) EXPECT_EQ(other_sink.next(), end);
  for (const char* end : {"up 127.0.0.1 as 64512", "end of rib", "end of rib"}) EXPECT_EQ(sink.next(), end);

  config.neighbors[0].policy.hold_time = 30;
  apply(config);
  EXPECT_EQ(other_sink.next(), "down received Cease/Hard Reset (6/9): Cease/Other Configuration Change (6/6)");
  EXPECT_EQ(sink.next(), "down stopped; sent Cease/Hard Reset (6/9): Cease/Other Configuration Change (6/6)");
  EXPECT_EQ(other_sink.next(), "up 127.0.0.1 as 64500");
  EXPECT_EQ(sink.next(), "up 127.0.0.1 as 64512");
  call([&] {
    other.reset();
    return 0;
  });
}

}  // namespace
}  // namespace ecmpd::control
