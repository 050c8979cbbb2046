// What must hold for any packet: the same flow goes to the same member whatever port it came by, explain agrees with
// the stages, and every packet is accounted for.
#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <string>

#include "dataplane/burst.h"
#include "dataplane/explain.h"
#include "hash/random.h"
#include "tests/dataplane/stage_harness.h"

namespace ecmpd::dataplane::test {
namespace {

class Properties : public testing::Test {
 public:
  static void SetUpTestSuite() { start_test_eal(); }
};

struct Flow {
  uint32_t source;
  uint16_t sport;
  uint16_t dport;
  bool tcp;
};

Flow random_flow(hash::Random& random) {
  return {0x0a000000 | random.below(1 << 24), static_cast<uint16_t>(random.next()),
          static_cast<uint16_t>(random.next()), random.below(2) == 0};
}

Bytes frame_of(const Flow& flow) {
  PacketBuilder builder = packet().from(hash::IpAddress::v4(flow.source).to_string());
  return (flow.tcp ? builder.tcp(flow.sport, flow.dport) : builder.udp(flow.sport, flow.dport)).frame();
}

Bytes ip_of(const Flow& flow) {
  PacketBuilder builder = packet().from(hash::IpAddress::v4(flow.source).to_string());
  return (flow.tcp ? builder.tcp(flow.sport, flow.dport) : builder.udp(flow.sport, flow.dport)).ip();
}

hash::Tuple tuple_of(const Flow& flow) {
  return {.src = hash::IpAddress::v4(flow.source),
          .dst = *hash::IpAddress::parse("203.0.113.10"),
          .protocol = static_cast<uint8_t>(flow.tcp ? 6 : 17),
          .sport = flow.sport,
          .dport = flow.dport};
}

/// Sends flows in bursts and compares the member of each with explain's; every member must get its share.
void expect_explained(StageHarness& router, unsigned flow_count) {
  hash::Random random(1);
  std::vector<uint64_t> by_member(4);
  for (unsigned round = 0; round < flow_count / kBurst; ++round) {
    std::vector<Flow> flows;
    std::vector<Bytes> frames;
    for (unsigned i = 0; i < kBurst; ++i) {
      flows.push_back(random_flow(random));
      frames.push_back(frame_of(flows.back()));
    }
    size_t next = 0;
    router.run_burst(frames, [&](const rte_mbuf* sent) {
      const Explanation explanation = explain(router.state(), tuple_of(flows[next++]));
      const Adjacency& adjacency = router.publisher().adjacency(explanation.adjacency);
      ASSERT_EQ(raw(adjacency.port), sent->port);
      ++by_member[sent->port];
    });
    ASSERT_EQ(next, kBurst);
    if (testing::Test::HasFatalFailure()) return;
  }
  for (unsigned port = 1; port < 4; ++port) EXPECT_GT(by_member[port], flow_count / 5) << "the flows did not spread";
}

/// The members that flows inside one IP-in-IP tunnel go to; with `inner` each must be the one of the flow itself.
std::set<unsigned> members_of_a_tunnel(StageHarness& router, bool inner) {
  hash::Random random(5);
  std::set<unsigned> seen;
  for (unsigned i = 0; i < 200; ++i) {
    const Flow flow = random_flow(random);
    const Bytes frame = packet().from("192.0.2.1").to("203.0.113.20").protocol(4).l4(ip_of(flow)).frame();
    router.run_burst({frame}, [&](const rte_mbuf* sent) {
      seen.insert(sent->port);
      if (!inner) return;
      const AdjacencyId expected = explain(router.state(), tuple_of(flow)).adjacency;
      EXPECT_EQ(sent->port, raw(router.state().adjacencies.load()->entries[raw(expected)].port)) << i;
    });
  }
  return seen;
}

TEST_F(Properties, FlowsInsideATunnelAreSpreadOnRequest) {
  StageHarness router;
  hash::KeyFields fields = hash::KeyFields::five_tuple();
  EXPECT_EQ(members_of_a_tunnel(router, false).size(), 1u);
  fields.inner = true;
  router.publisher().set_hash_settings(HashSettings(fields, {hash::HashFunction::kXxh32, 7}));
  EXPECT_GT(members_of_a_tunnel(router, true).size(), 1u);
}

TEST_F(Properties, ExplainAgreesWithTheStagesForAMillionFlows) {
  StageHarness router;
  expect_explained(router, 1'000'000);
}

TEST_F(Properties, EveryHashFunctionForwardsAsExplainSaysAtEverySimdLevel) {
  StageHarness router;
  const hash::Key4 key = hash::key4_from_tuple(tuple_of({0x0a000001, 1000, 80, true}), hash::KeyFields::five_tuple());
  std::set<uint32_t> hashes;
  for (unsigned i = 0; i < hash::kHashFunctionCount; ++i) {
    const auto function = static_cast<hash::HashFunction>(i);
    for (unsigned level = 0; level <= static_cast<unsigned>(hash::detect_simd_level()); ++level) {
      SCOPED_TRACE(std::string(hash::to_string(function)));
      const hash::Hasher hasher(function, 7, static_cast<hash::SimdLevel>(level));
      router.publisher().set_hash_settings(HashSettings(hash::KeyFields::five_tuple(), hasher));
      expect_explained(router, 10'000);
      hashes.insert(hasher(key));
    }
  }
  EXPECT_EQ(hashes.size(), hash::kHashFunctionCount) << "these are nine different functions";
}

TEST_F(Properties, TheMemberDoesNotDependOnThePortOfEntryOrTheRssValue) {
  StageHarness router;
  hash::Random random(2);
  for (unsigned i = 0; i < 1000; ++i) {
    const Flow flow = random_flow(random);
    const unsigned in_port = random.below(4);
    PacketBuilder builder = packet().from(hash::IpAddress::v4(flow.source).to_string()).udp(flow.sport, flow.dport);
    const auto first = router.run(builder.frame()).port;
    const auto second =
        router.run(builder.ethernet_to(port_mac(in_port)).ttl(9).payload(40).frame(), in_port, RTE_MBUF_F_RX_RSS_HASH)
            .port;
    ASSERT_TRUE(first.has_value());
    ASSERT_EQ(first, second);
  }
}

TEST_F(Properties, FragmentsAndIcmpErrorsFollowTheirFlow) {
  StageHarness router;
  router.publisher().set_hash_settings(HashSettings(hash::KeyFields::three_tuple(), {hash::HashFunction::kXxh32, 7}));
  hash::Random random(3);
  for (unsigned i = 0; i < 500; ++i) {
    const Flow flow = random_flow(random);
    const std::string client = hash::IpAddress::v4(flow.source).to_string();
    const auto member = router.run(packet().from(client).udp(flow.sport, flow.dport).frame()).port;
    ASSERT_EQ(router.run(packet().from(client).fragment(0x2000).frame()).port, member);
    ASSERT_EQ(router.run(packet().from(client).fragment(0x00b9).frame()).port, member);
    // "Fragmentation needed" about the member's answer to the client: it must reach that member.
    const Bytes answer = packet().from("203.0.113.10").to(client).udp(flow.dport, flow.sport).ip();
    ASSERT_EQ(router.run(packet().from("10.99.0.1").icmp(3, 4, answer).frame()).port, member);
  }
}

TEST_F(Properties, RandomFramesAreAllAccountedFor) {
  StageHarness router;
  hash::Random random(4);
  uint64_t sent = 0;
  constexpr unsigned kFrames = 20'000;
  for (unsigned round = 0; round < kFrames / 32; ++round) {
    std::vector<Bytes> frames;
    for (unsigned i = 0; i < 32; ++i) {
      Bytes frame = packet().options(Bytes(4 * random.below(11), 1)).payload(random.below(64)).frame();
      // From untouched to noise: change some bytes, and cut some frames.
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
