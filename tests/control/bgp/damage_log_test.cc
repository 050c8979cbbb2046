// What the log has about messages that are wrong (RFC 7606 section 6): reason, prefixes and bytes, once and then
// rarely.
#include <gtest/gtest.h>

#include "control/bgp/message_text.h"
#include "tests/control/bgp/recording_host.h"

namespace ecmpd::control::bgp {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

class DamageLog : public ::testing::Test {
 protected:
  RecordingHost host;
  Session session{local(), host};

  void establish(Time now) {
    session.start(now);
    ASSERT_TRUE(session.offer_incoming(now));
    session.connected(Side::kIncoming, now);
    receive(peer_open() + encode_keepalive(), now);
    ASSERT_EQ(session.status().state, State::kEstablished);
    host.logged.clear();
  }
  void receive(const std::vector<uint8_t>& bytes, Time now) { session.received(Side::kIncoming, bytes, now); }
  Lines take() { return std::exchange(host.logged, {}); }
};

// A node over IPv6 transport: sixteen bytes under a NEXT_HOP of four.
std::vector<uint8_t> damaged() {
  return raw_message(2, update_body("20 cb00710c", "40 01 01 00 40 03 04 fd000000 0000000000000000 00000001",
                                    "20 cb00710a 20 cb00710b"));
}
const std::string kDamaged =
    "; announced: none; withdrawn: 203.0.113.12/32, 203.0.113.10/32, 203.0.113.11/32; received 61 bytes: "
    "ffffffffffffffffffffffffffffffff003d02000520cb00710c001740010100400304fd000000000000000000000000000001"
    "20cb00710a20cb00710b";

TEST_F(DamageLog, TheFirstOfEachSessionThenOneAMinuteWithTheNumberSince) {
  establish(0s);
  receive(damaged(), 1s);
  const std::string reason =
      "damaged UPDATE, session kept: NEXT_HOP that no host can have; attribute 0 unknown, yet "
      "marked well-known";
  EXPECT_EQ(take(), Lines{reason + kDamaged});
  for (int i = 0; i < 5; ++i) receive(damaged(), 2s + i * 10s);
  EXPECT_EQ(take(), Lines{});
  receive(damaged(), 61s);
  EXPECT_EQ(take(), Lines{reason + " (5 more since the last such line)" + kDamaged});
  receive(damaged(), 62s);
  EXPECT_EQ(take(), Lines{});
  EXPECT_EQ(session.status().damaged_updates, 8u);

  session.closed(Side::kIncoming, "gone", 63s);
  establish(64s);
  receive(damaged(), 65s);
  EXPECT_EQ(take(), Lines{reason + " (1 more since the last such line)" + kDamaged});
}

TEST_F(DamageLog, DamageThatCostsNoRouteNamesWhatWasAnnounced) {
  establish(0s);
  receive(raw_message(
              2, update_body("", "40 01 01 00 40 02 06 02 01 0000fc00 40 03 04 0a00010b 40 06 01 00", "20 cb00710a")),
          1s);
  EXPECT_EQ(take(), Lines{"damaged UPDATE, session kept: ATOMIC_AGGREGATE malformed and discarded; announced: "
                          "203.0.113.10/32; withdrawn: none; received 52 bytes: ffffffffffffffffffffffffffffffff"
                          "0034020000001840010100400206020100"
                          "00fc004003040a00010b4006010020cb00710a"});
}

TEST_F(DamageLog, AGoodUpdateIsNoLine) {
  establish(0s);
  receive(announcement("20 cb00710a"), 1s);
  EXPECT_EQ(take(), Lines{});
}

TEST_F(DamageLog, TheMessageThatEndsASessionIsThereWithItsBytes) {
  establish(0s);
  receive(raw_message(2, update_body("", "40 01 01 03", "")), 1s);
  const std::string error = "UPDATE Message Error/Malformed Attribute List (3/1)";
  EXPECT_EQ(take(), (Lines{"bad UPDATE: " + error +
                               "; received 27 bytes: ffffffffffffffffffffffffffffffff001b02"
                               "0000000440010103",
                           "down: bad UPDATE; sent " + error}));
}

TEST_F(DamageLog, ABadHeaderAndAnOpenOfTheWrongAsAreThereToo) {
  establish(0s);
  receive(hex("00112233445566778899aabbccddeeff 0013 04"), 1s);
  ASSERT_EQ(host.logged.size(), 2u);
  EXPECT_EQ(host.logged[0],
            "bad message header: Message Header Error/Connection Not Synchronized (1/1); received 19 bytes: "
            "00112233445566778899aabbccddeeff001304");
  ASSERT_TRUE(session.offer_incoming(2s));
  session.connected(Side::kIncoming, 2s);
  take();
  const auto open = peer_open(64999);
  receive(open, 3s);
  EXPECT_EQ(host.logged,
            (Lines{"incoming connection refused: its AS is 64999, not 64512 as configured; sent OPEN Message Error/Bad "
                   "Peer AS (2/2)"}));
}

TEST(MessageText, IsBounded) {
  EXPECT_EQ(quote_bytes({}), "0 bytes: ");
  const std::vector<uint8_t> longest(65535, 0xab);
  const std::string text = quote_bytes(longest);
  EXPECT_TRUE(text.starts_with("65535 bytes: abab"));
  EXPECT_TRUE(text.ends_with("ab... and 65279 more"));
  EXPECT_EQ(text.size(), std::string("65535 bytes: ").size() + 512 + std::string("... and 65279 more").size());
  EXPECT_EQ(quote_bytes(Bytes(longest).first(256)).size(), std::string("256 bytes: ").size() + 512);

  const std::vector<hash::Prefix> prefixes(10, *hash::Prefix::parse("203.0.113.0/24"));
  EXPECT_EQ(list_prefixes({}), "none");
  EXPECT_EQ(list_prefixes(std::span(prefixes).first(2)), "203.0.113.0/24, 203.0.113.0/24");
  EXPECT_TRUE(list_prefixes(prefixes).ends_with("203.0.113.0/24 and 2 more"));
  EXPECT_EQ(list_prefixes(std::span(prefixes).first(8)).find("more"), std::string::npos);
}

}  // namespace
}  // namespace ecmpd::control::bgp
