// ICMP errors that the router originates, beyond single packets (cases/icmp_cases.cc): sources, limits, several ways.
#include <gtest/gtest.h>

#include "tests/dataplane/packet6.h"
#include "tests/dataplane/packet_reference.h"
#include "tests/dataplane/stage_harness.h"

namespace ecmpd::dataplane::test {
namespace {

class IcmpOriginatorTest : public testing::Test {
 public:
  static void SetUpTestSuite() { start_test_eal(); }
};

/// As the client gets it.
Bytes error_to_client(uint8_t type, uint8_t code, uint32_t word, const Bytes& frame,
                      const std::string& from = "10.0.0.1") {
  return icmp_error_about_frame(frame, type, code, word, from, 0, 99);
}

constexpr uint16_t kDf = 0x4000;

TEST_F(IcmpOriginatorTest, ChainsOfSegmentsAreQuotedToo) {
  StageHarness router;
  auto in = packet().udp(1, 2).payload(3000).ttl(1);
  unsigned id = 0;
  for (const size_t segment : {100, 101, 255, 257, 561, 562, 563, 576, 1500}) {  // odd and even

    in.id(static_cast<uint16_t>(segment));
    const Bytes error = router.run_segments(in.frame(), segment).error;
    EXPECT_EQ(without_id(error), error_to_client(11, 0, 0, in.frame())) << segment;
    EXPECT_EQ(unsigned{error[18]} << 8 | error[19], id++) << "each has an identification of its own";
  }
}

TEST_F(IcmpOriginatorTest, AmongSeveralAddressesTheOneInTheSendersSubnetIsUsed) {
  StageHarness router;
  std::vector<PortAddresses::OfPort> own(5);
  own[0].v4 = {{0x0a000001, 0xffffff00}, {0x0a000901, 0xffffff00}};
  own[2].v4 = {{0x0a000201, 0xffffff00}};
  router.publisher().set_port_addresses(PortAddresses(own));
  auto in = packet().ttl(1);
  EXPECT_EQ(without_id(router.run(in.frame()).error), error_to_client(11, 0, 0, in.frame(), "10.0.9.1"));
  in.ethernet_to(port_mac(1));
  EXPECT_EQ(without_id(router.run(in.frame(), 1).error), error_to_client(11, 0, 0, in.frame(), "10.0.0.1"))
      << "a port without an address borrows one";
  router.publisher().set_port_addresses({});
  EXPECT_FALSE(router.run(in.frame(), 1).error_port) << "no address, no error";
}

TEST_F(IcmpOriginatorTest, WhatControlGivesUpIsAnswered) {
  StageHarness router;
  auto in = packet().to("10.0.1.77");
  const Result result = router.give_up(in.frame(), 0, DropReason::kUnresolved);
  EXPECT_EQ(without_id(result.error), error_to_client(3, 1, 0, in.frame()));
}

TEST_F(IcmpOriginatorTest, WhatControlGivesUpIsAnsweredInIpv6Too) {
  StageHarness router;
  const Bytes in = packet6().to("fd00:1::77").frame();
  EXPECT_EQ(router.give_up(in, 0, DropReason::kUnresolved).error,
            icmp_error_about_frame(in, 1, 3, 0, "fd00::1", 0, 99));
}

TEST_F(IcmpOriginatorTest, AnErrorThatCannotGoBackIsDroppedAndNothingMore) {
  StageHarness router;
  EXPECT_FALSE(router.run(packet().from("8.8.8.8").ttl(1).frame()).error_port);
  EXPECT_EQ(router.counters().injected.get(), 1u);
  EXPECT_EQ(router.drops(), 2u) << "the packet, and the error about it";
  EXPECT_EQ(router.counters().port[0].icmp.not_allowed.get(), 1u);
}

TEST_F(IcmpOriginatorTest, APortMayCauseSoManyAndNoMore) {
  StageHarness router(100);  // so ten at once
  const auto errors = [&router](const Bytes& frame, unsigned port) {
    unsigned sent = 0;
    for (unsigned i = 0; i < 50; ++i) sent += router.run(frame, port).error_port.has_value();
    return sent;
  };
  const auto expired = packet().ttl(1);
  const auto too_long = packet().udp(1, 2).payload(1473).fragment(kDf);
  const unsigned here = errors(expired.frame(), 0);
  EXPECT_GE(here, 9u);
  EXPECT_LT(here, 50u);
  EXPECT_EQ(router.counters().port[0].icmp.rate_limited.get(), 50 - here);
  EXPECT_GE(errors(too_long.frame(), 0), 9u) << "path MTU discovery goes on";
  EXPECT_GE(errors(PacketBuilder(expired).ethernet_to(port_mac(1)).frame(), 1), 9u) << "another port is not concerned";
  EXPECT_FALSE(StageHarness(0).run(expired.frame()).error_port) << "0 turns them off";
}

TEST_F(IcmpOriginatorTest, TheRouterItselfHasALimitOfItsOwn) {
  StageHarness router(100);
  for (unsigned i = 0; i < 50; ++i) router.run(packet().from("10.0.0.1").ttl(1).frame());
  for (unsigned i = 0; i < 50; ++i) router.run(packet6().from("fd00::1").hop_limit(1).frame());
  EXPECT_GT(router.counters().port[0].icmp.rate_limited.get(), 0u);
  unsigned sent = 0;
  for (unsigned i = 0; i < 9; ++i) sent += router.run(packet().ttl(1).frame()).error_port.has_value();
  EXPECT_EQ(sent, 9u);
}

TEST_F(IcmpOriginatorTest, ErrorsSpreadOverASendersSeveralWaysAndEachKeepsItsOwn) {
  StageHarness router;
  std::vector<unsigned> by_port(5);
  for (unsigned flow = 0; flow < 300; ++flow) {
    // A member of the service sends to nowhere: the error goes back to it as its connection's packets would.
    auto in = packet().from("203.0.113.10").to("10.77.0." + std::to_string(flow % 250 + 1));
    in.udp(static_cast<uint16_t>(flow), 53);
    const Result result = router.run(in.ethernet_to(port_mac(1)).frame(), 1);
    ASSERT_TRUE(result.error_port.has_value());
    ++by_port[*result.error_port];
    auto reverse = packet().from("10.77.0." + std::to_string(flow % 250 + 1)).to("203.0.113.10");
    EXPECT_EQ(router.run(reverse.udp(53, static_cast<uint16_t>(flow)).frame()).port, result.error_port);
  }
  for (unsigned port = 1; port < 4; ++port) EXPECT_GT(by_port[port], 30u);
}

}  // namespace
}  // namespace ecmpd::dataplane::test
