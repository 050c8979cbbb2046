// What one table of packet cases cannot say: every TTL, frames in several segments, what the device tells of a frame.
#include <gtest/gtest.h>

#include "tests/dataplane/stage_harness.h"

namespace ecmpd::dataplane::test {
namespace {

Bytes bytes_in(const rte_mbuf* packet) {
  const auto* data = rte_pktmbuf_mtod(packet, const uint8_t*);
  return {data, data + packet->data_len};
}

class PacketPath : public testing::Test {
 public:
  static void SetUpTestSuite() { start_test_eal(); }
};

TEST_F(PacketPath, ATagThatTheDeviceTookOffIsForwardedIfItNamesNoVlan) {
  StageHarness router;
  const Bytes frame = packet().frame();
  const auto forwarded = [&](const Bytes& in, uint16_t tci) {
    std::vector<Bytes> out;
    router.run_burst(
        {in}, [&](const rte_mbuf* sent) { out.push_back(bytes_in(sent)); },
        [tci](size_t, rte_mbuf* as_received) {
          as_received->vlan_tci = tci;
          as_received->ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
        });
    return out;
  };
  const std::vector<Bytes> plain{router.run(frame).frame};
  for (const uint16_t tci : {0, 5 << 13, 0xf000}) EXPECT_EQ(forwarded(frame, tci), plain) << tci;
  EXPECT_EQ(router.drops(), 0u);
  EXPECT_TRUE(forwarded(frame, 11).empty());
  EXPECT_TRUE(forwarded(tagged(frame, 0), 0).empty()) << "two tags";
  EXPECT_EQ(router.counters().drops[static_cast<size_t>(DropReason::kVlanUnknown)].get(), 2u);
}

TEST_F(PacketPath, APriorityTagMayBeBeforeWhatIsForTheRouterItself) {
  StageHarness router;
  const Bytes arp = packet().ethertype(0x0806).frame();
  for (const Bytes& frame : {arp, packet().to("10.0.0.1").frame()}) {
    const Result result = router.run(tagged(frame, 7 << 13));
    EXPECT_TRUE(result.punted);
    EXPECT_EQ(result.frame, frame) << "the kernel's interface has no tags";
  }
}

TEST_F(PacketPath, ADeviceIsBelievedWhenItFoundTheChecksumRight) {
  StageHarness router;
  const Bytes right = packet().frame();
  const Bytes wrong = packet().checksum(0x1234).frame();
  const auto dropped = [&](const Bytes& frame, uint64_t flags, uint32_t type = 0) {
    return router.run(frame, 0, flags, type).dropped;
  };
  EXPECT_EQ(dropped(wrong, RTE_MBUF_F_RX_IP_CKSUM_GOOD), std::nullopt);
  EXPECT_EQ(dropped(right, RTE_MBUF_F_RX_IP_CKSUM_GOOD), std::nullopt);
  // Whatever else it says is looked at: BAD may be the inner header of a tunnel, which is not ours.
  constexpr uint64_t kFlags[] = {RTE_MBUF_F_RX_IP_CKSUM_UNKNOWN, RTE_MBUF_F_RX_IP_CKSUM_BAD,
                                 RTE_MBUF_F_RX_IP_CKSUM_NONE,
                                 RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_OUTER_IP_CKSUM_BAD};
  for (const uint64_t flags : kFlags) {
    EXPECT_EQ(dropped(wrong, flags), DropReason::kIpv4Checksum) << flags;
    EXPECT_EQ(dropped(right, flags), std::nullopt) << flags;
  }
  EXPECT_EQ(dropped(wrong, RTE_MBUF_F_RX_IP_CKSUM_GOOD, RTE_PTYPE_L3_IPV4), std::nullopt);
  for (const uint32_t tunnel : {RTE_PTYPE_TUNNEL_IP, RTE_PTYPE_TUNNEL_GRE, RTE_PTYPE_TUNNEL_VXLAN}) {
    EXPECT_EQ(dropped(wrong, RTE_MBUF_F_RX_IP_CKSUM_GOOD, tunnel), DropReason::kIpv4Checksum) << tunnel;
    EXPECT_EQ(dropped(right, RTE_MBUF_F_RX_IP_CKSUM_GOOD, tunnel), std::nullopt) << tunnel;
  }
}

TEST_F(PacketPath, RewriteChangesNothingButAddressesTtlAndChecksum) {
  StageHarness router;
  for (unsigned ttl = 2; ttl < 256; ++ttl) {
    for (const uint16_t total_bytes : {28, 29, 100, 1500}) {
      auto in = packet().udp(5, 6).payload(total_bytes - 28u).ttl(static_cast<uint8_t>(ttl)).to("198.51.100.9");
      const Result result = router.run(in.frame());
      ASSERT_EQ(result.port, 1u);
      const Bytes expected =
          in.ttl(static_cast<uint8_t>(ttl - 1)).ethernet_to(neighbor_mac(1)).ethernet_from(port_mac(1)).frame();
      ASSERT_EQ(result.frame, expected) << "ttl " << ttl;
    }
  }
}

TEST_F(PacketPath, HeadersMayBeSpreadOverSegments) {
  StageHarness router;
  const Bytes whole = packet().options(Bytes(40, 1)).udp(1, 2).payload(400).frame();
  const Result expected = router.run(whole);
  for (const size_t segment : {1, 2, 13, 14, 15, 33, 34, 60, 100, 255, 256, 257}) {
    const Result result = router.run_segments(whole, segment);
    EXPECT_EQ(result.port, expected.port) << segment;
    EXPECT_EQ(result.frame, expected.frame) << segment;
  }
  // "Fragmentation needed": the embedded packet's ports count.
  const Bytes about = packet().from("203.0.113.10").to("10.0.9.2").udp(7, 9).ip();
  const Bytes error = packet().from("10.99.0.1").icmp(3, 4, about).frame();
  EXPECT_EQ(router.run_segments(error, 20).port, router.run(error).port);
}

TEST_F(PacketPath, PaddingInSeveralSegmentsDoesNotTravelOn) {
  StageHarness router;
  const Bytes padded = packet().udp(1, 2).payload(500).padding(700).frame();
  const Result expected = router.run(packet().udp(1, 2).payload(500).frame());
  for (const size_t segment : {100, 300, 542, 543, 1000}) {
    EXPECT_EQ(router.run_segments(padded, segment).frame, expected.frame) << segment;
  }
}

TEST_F(PacketPath, PaddingDoesNotTravelOn) {
  StageHarness router;
  const Result result = router.run(packet().udp(1, 2).padding(18).frame());
  EXPECT_EQ(result.frame.size(), 14u + 28u);
}

}  // namespace
}  // namespace ecmpd::dataplane::test
