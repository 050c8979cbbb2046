// A node whose speaker crashes in a loop, or knows no back-off, connects as fast as it can.
#include <gtest/gtest.h>

#include <atomic>

#include "tests/control/io/speaker_fixture.h"

namespace ecmpd::control {
namespace {

using namespace testing;
using bgp::testing::operator+;
using bgp::testing::raw_message;
using bgp::testing::update_body;

constexpr auto kOpen = static_cast<size_t>(bgp::MessageType::kOpen);

class ReconnectLoop : public SpeakerTest {
 protected:
  /// Connects and says OPEN again and again, each time with hardly any patience; whoever answers gets a session, which
  /// is left at once.
  void hammer() {
    while (!enough_) {
      RawPeer one("127.0.1.2", port);
      ++attempts_;
      one.send(open() + bgp::encode_keepalive());
      pollfd ready{one.fd(), POLLIN, 0};
      if (poll(&ready, 1, 2) <= 0) continue;
      if (one.next() == "OPEN") one.next();
    }
  }
  void start() {
    begin_ = std::chrono::steady_clock::now();
    thread_ = std::thread([this] { hammer(); });
  }
  /// Whole seconds since before the first attempt, generously: the speaker's clock is read in milliseconds.
  uint64_t seconds() const {
    const auto elapsed = std::chrono::steady_clock::now() - begin_;
    return static_cast<uint64_t>(elapsed / std::chrono::milliseconds(999));
  }
  bgp::SessionStatus status(const char* address) {
    for (const BgpPeerReport& peer : peers()) {
      if (peer.address == *IpAddress::parse(address)) return peer.status;
    }
    return {};
  }
  void TearDown() override {
    enough_ = true;
    if (thread_.joinable()) thread_.join();
    SpeakerTest::TearDown();
  }
  unsigned attempts() const { return attempts_; }

 private:
  std::chrono::steady_clock::time_point begin_;
  std::thread thread_;
  std::atomic<bool> enough_ = false;
  std::atomic<unsigned> attempts_ = 0;
};

TEST_F(ReconnectLoop, CostsOneSessionASecondAndNobodyElse) {
  apply(listening());
  RawPeer steady("127.0.1.3", port);
  establish(steady);
  EXPECT_EQ(sink.next(), "up 127.0.1.3 as 64512 dynamic");
  start();
  // All through it, what another peer announces and withdraws arrives, in order.
  unsigned sessions = 0, rounds = 0;
  while (sessions < 3 || attempts() < 100) {
    const uint8_t host = static_cast<uint8_t>(++rounds);
    const std::string nlri = fmt::format("20 cb0071{:02x}", host), prefix = fmt::format("203.0.113.{}/32", host);
    steady.send(raw_message(2, update_body("", "40 01 01 00 40 02 06 02 01 0000fc00 40 03 04 0a00010b", nlri)) +
                raw_message(2, update_body(nlri, "", "")));
    for (const std::string& wanted : {"+" + prefix, "-" + prefix}) {
      std::string event = sink.next();
      for (; event.substr(0, 3) == "up " || event.substr(0, 5) == "down "; event = sink.next()) {
        if (event == "up 127.0.1.2 as 64512 dynamic") ++sessions;
      }
      ASSERT_EQ(event, wanted);
    }
  }
  // An OPEN of ours for each connection that got as far as a session.
  const uint64_t opens = status("127.0.1.2").sent[kOpen];
  EXPECT_GE(opens, sessions);
  EXPECT_LE(opens, 1 + seconds()) << attempts() << " attempts";
  EXPECT_EQ(status("127.0.1.3").state, bgp::State::kEstablished);
  EXPECT_EQ(status("127.0.1.3").established_count, 1u);
}

TEST_F(ReconnectLoop, NewcomersGetTheirSessionsMeanwhile) {
  apply(listening());
  start();
  for (int host = 3; host < 40; ++host) {
    RawPeer peer(fmt::format("127.0.1.{}", host).c_str(), port);
    establish(peer);
  }
  while (attempts() < 100) {
    RawPeer peer("127.0.1.100", port);  // the second of these waits its second, and is served
    establish(peer);
  }
  EXPECT_LE(status("127.0.1.2").sent[kOpen], 1 + seconds());
}

}  // namespace
}  // namespace ecmpd::control
