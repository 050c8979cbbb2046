// What must hold for any IPv6 packet, alone or among IPv4 packets in one burst: explain agrees with the stages, what
// belongs to a flow follows it, and every packet is accounted for.
#include <gtest/gtest.h>

#include <map>

#include "dataplane/burst.h"
#include "dataplane/explain.h"
#include "hash/random.h"
#include "tests/dataplane/packet6.h"
#include "tests/dataplane/stage_harness.h"

namespace ecmpd::dataplane::test {
namespace {

class Properties6 : public testing::Test {
 public:
  static void SetUpTestSuite() { start_test_eal(); }
};

std::string random_client(hash::Random& random) {
  std::array<uint8_t, 16> bytes{0x20, 0x01, 0x0d, 0xb8, 0, 9};
  for (size_t i = 8; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(random.next());
  return hash::IpAddress::v6(bytes.data()).to_string();
}

TEST_F(Properties6, ExplainAgreesWithTheStagesInBurstsOfBothFamilies) {
  StageHarness router;
  hash::Random random(11);
  std::map<unsigned, uint64_t> by_member;
  for (unsigned round = 0; round < 200'000 / kBurst; ++round) {
    std::vector<Bytes> frames;
    std::map<std::pair<bool, uint16_t>, unsigned> expected;  // IPv6, source port: port to leave by
    for (unsigned i = 0; i < kBurst; ++i) {
      const bool ipv6 = random.below(2) == 0;
      const auto client4 = hash::IpAddress::v4(0x0a000000 | random.below(1 << 24)).to_string();
      const std::string from = ipv6 ? random_client(random) : client4;
      const std::string to = ipv6 ? "2001:db8:113::10" : "203.0.113.10";
      const hash::Tuple tuple{.src = *hash::IpAddress::parse(from),
                              .dst = *hash::IpAddress::parse(to),
                              .protocol = static_cast<uint8_t>(random.below(2) == 0 ? 6 : 17),
                              .sport = static_cast<uint16_t>(i),
                              .dport = static_cast<uint16_t>(random.next())};
      const auto frame = [&](auto builder) {
        builder.from(from).to(to);
        return (tuple.protocol == 6 ? builder.tcp(tuple.sport, tuple.dport) : builder.udp(tuple.sport, tuple.dport))
            .frame();
      };
      frames.push_back(ipv6 ? frame(packet6()) : frame(packet()));
      const Explanation explanation = explain(router.state(), tuple);
      ASSERT_EQ(explanation.key().size(), ipv6 ? 40u : 16u);
      expected[{ipv6, tuple.sport}] = raw(router.publisher().adjacency(explanation.adjacency).port);
    }
    std::map<bool, int> last{{false, -1}, {true, -1}};
    router.run_burst(frames, [&](const rte_mbuf* sent) {
      const auto* ip = rte_pktmbuf_mtod_offset(sent, const uint8_t*, 14);
      const bool ipv6 = ip[0] >> 4 == 6;
      const uint8_t* ports = ip + (ipv6 ? 40 : 20);
      const auto sport = static_cast<uint16_t>(ports[0] << 8 | ports[1]);
      ASSERT_EQ((expected.at({ipv6, sport})), sent->port);
      expected.erase({ipv6, sport});
      EXPECT_LT(last[ipv6], sport) << "the order within a family changed";
      last[ipv6] = sport;
      ++by_member[sent->port];
    });
    ASSERT_TRUE(expected.empty());
    if (HasFatalFailure()) return;
  }
  for (unsigned port = 1; port < 4; ++port) EXPECT_GT(by_member[port], 40'000u) << "the flows did not spread";
}

TEST_F(Properties6, ExtensionHeadersFragmentsAndErrorsFollowTheirFlow) {
  StageHarness router;
  hash::Random random(13);
  for (unsigned i = 0; i < 300; ++i) {
    const std::string client = random_client(random);
    const auto sport = static_cast<uint16_t>(random.next());
    const auto flow = [&] { return packet6().from(client).udp(sport, 53); };
    const auto member = router.run(flow().frame()).port;
    ASSERT_TRUE(member.has_value());
    EXPECT_EQ(router.run(flow().hop_by_hop().destination_options().frame()).port, member);
    EXPECT_EQ(router.run(flow().fragment(0, false).frame()).port, member) << "an atomic fragment is a whole packet";
    // "Packet too big" about the member's answer to the client: it must reach that member.
    const Bytes answer = packet6().from("2001:db8:113::10").to(client).udp(53, sport).ip();
    EXPECT_EQ(router.run(packet6().from("2001:db8:99::1").icmp(2, 0, answer).frame()).port, member);
    // All pieces of a datagram go one way.
    const auto first = router.run(flow().fragment(0, true).frame()).port;
    EXPECT_EQ(router.run(packet6().from(client).next_header(17).fragment(185, false).frame()).port, first);
  }
}

TEST_F(Properties6, RandomFramesAreAllAccountedFor) {
  StageHarness router;
  hash::Random random(14);
  uint64_t sent = 0;
  constexpr unsigned kFrames = 20'000;
  for (unsigned round = 0; round < kFrames / 32; ++round) {
    std::vector<Bytes> frames;
    for (unsigned i = 0; i < 32; ++i) {
      PacketBuilder6 builder = packet6();
      for (unsigned headers = random.below(10); headers > 0; --headers) {
        builder.extension(static_cast<uint8_t>(random.below(2) == 0 ? 60 : random.below(256)), Bytes(8));
      }
      Bytes frame = builder.payload(random.below(64)).frame();
      for (unsigned changes = random.below(4); changes > 0; --changes) {
        frame[random.below(static_cast<uint32_t>(frame.size()))] = static_cast<uint8_t>(random.next());
      }
      if (random.below(4) == 0) frame.resize(1 + random.below(static_cast<uint32_t>(frame.size())));
      frames.push_back(std::move(frame));
    }
    router.run_burst(frames, [&](const rte_mbuf*) { ++sent; });
  }
  EXPECT_EQ(sent + router.drops() + router.punts(), kFrames / 32 * 32);
  EXPECT_GT(sent, kFrames / 20);
  EXPECT_GT(router.drops(), kFrames / 20);
}

}  // namespace
}  // namespace ecmpd::dataplane::test
