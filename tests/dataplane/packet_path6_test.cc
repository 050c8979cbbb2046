// What one table of IPv6 packet cases cannot say: every hop limit, a port without addresses.
#include <gtest/gtest.h>

#include "tests/dataplane/packet6.h"
#include "tests/dataplane/stage_harness.h"

namespace ecmpd::dataplane::test {
namespace {

class PacketPath6 : public testing::Test {
 public:
  static void SetUpTestSuite() { start_test_eal(); }
};

TEST_F(PacketPath6, RewriteChangesNothingButAddressesAndHopLimit) {
  StageHarness router;
  for (unsigned hop_limit = 2; hop_limit < 256; ++hop_limit) {
    for (const uint16_t payload_bytes : {8, 9, 100, 1460}) {
      auto in = packet6().udp(5, 6).payload(payload_bytes - 8u).hop_limit(static_cast<uint8_t>(hop_limit));
      const Result result = router.run(in.to("2001:db8:51::9").frame());
      ASSERT_EQ(result.port, 1u);
      const Bytes expected = in.hop_limit(static_cast<uint8_t>(hop_limit - 1))
                                 .ethernet_to(neighbor_mac(1))
                                 .ethernet_from(port_mac(1))
                                 .frame();
      ASSERT_EQ(result.frame, expected) << "hop limit " << hop_limit;
    }
  }
}

TEST_F(PacketPath6, PaddingDoesNotTravelOn) {
  StageHarness router;
  EXPECT_EQ(router.run(packet6().udp(1, 2).padding(18).frame()).frame.size(), 14u + 48u);
}

TEST_F(PacketPath6, APortWithoutIpv6AddressesListensToNothing) {
  StageHarness router;
  router.forget_addresses6(0);
  EXPECT_EQ(
      router.run(packet6().from("fe80::9").hop_limit(255).icmp(135, 0, Bytes(16)).to("ff02::1:ff00:1").frame()).dropped,
      DropReason::kIpv6Multicast);
  EXPECT_EQ(router.run(packet6().to("ff02::1").frame()).dropped, DropReason::kIpv6Multicast);
  EXPECT_EQ(router.run(packet6().to(port_link_local(0)).frame()).dropped, DropReason::kIpv6Scope);
  EXPECT_TRUE(router.run(packet6().frame()).port.has_value()) << "it forwards all the same";
}

}  // namespace
}  // namespace ecmpd::dataplane::test
