// ICMPv6 errors that the router originates: {why, in, the error}, through the real stages and back.
#include <gtest/gtest.h>

#include "tests/dataplane/packet6.h"
#include "tests/dataplane/stage_harness.h"

namespace ecmpd::dataplane::test {
namespace {

class IcmpCases6 : public testing::Test {
 public:
  static void SetUpTestSuite() { start_test_eal(); }
};

struct Answered {
  const char* why;
  PacketBuilder6 in;
  DropReason reason;
  uint8_t type;
  uint8_t code;
  unsigned mtu = 0;
};

const std::vector<Answered> kAnswered = {
    {"traceroute's probe", packet6().hop_limit(1), DropReason::kTtlExpired, 3, 0},
    {"by echo", packet6().icmp(128, 0).hop_limit(1), DropReason::kTtlExpired, 3, 0},
    {"a first fragment", packet6().fragment(0, true).hop_limit(1), DropReason::kTtlExpired, 3, 0},
    {"behind options", packet6().hop_by_hop().destination_options().hop_limit(1), DropReason::kTtlExpired, 3, 0},
    {"hop limit 1 towards a host that would have to be found", packet6().to("fd00:1::77").hop_limit(1),
     DropReason::kTtlExpired, 3, 0},
    {"the quote ends at 1,280 bytes", packet6().payload(1400).hop_limit(1), DropReason::kTtlExpired, 3, 0},
    {"nowhere to go", packet6().to("2001:db8:ffff::1"), DropReason::kNoRoute, 1, 0},
    {"a nexthop that does not answer", packet6().to("2001:db8:2::1"), DropReason::kUnresolved, 1, 3},
    {"too long", packet6().udp(1, 2).payload(1453), DropReason::kMtuExceeded, 2, 0, 1500},
    {"too long for a host that would have to be found", packet6().to("fd00:1::77").udp(1, 2).payload(1453),
     DropReason::kMtuExceeded, 2, 0, 1500},
};

TEST_F(IcmpCases6, Answered) {
  StageHarness router;
  for (const Answered& test : kAnswered) {
    SCOPED_TRACE(test.why);
    const Result result = router.run(test.in.frame());
    EXPECT_EQ(result.dropped, test.reason);
    EXPECT_FALSE(result.port || result.punted);
    ASSERT_EQ(result.error_port, 0u);
    Bytes quoted = test.in.ip();
    quoted.resize(std::min<size_t>(quoted.size(), 1280 - 48));
    Bytes rest{0, 0, static_cast<uint8_t>(test.mtu >> 8), static_cast<uint8_t>(test.mtu)};
    rest.insert(rest.end(), quoted.begin(), quoted.end());
    Bytes expected = packet6()
                         .ethernet_to(neighbor_mac(99))
                         .ethernet_from(port_mac(0))
                         .from(port_address6(0))
                         .to("2001:db8:9::2")
                         .l4([&] {
                           Bytes icmp{test.type, test.code, 0, 0};
                           icmp.insert(icmp.end(), rest.begin(), rest.end());
                           return icmp;
                         }())
                         .next_header(58)
                         .frame();
    expected[14] = 0x6c;  // traffic class CS6
    ASSERT_EQ(result.error.size(), expected.size());
    expected[56] = result.error[56];  // the checksum has tests of its own
    expected[57] = result.error[57];
    EXPECT_EQ(result.error, expected);
  }
  EXPECT_EQ(router.counters().injected.get(), kAnswered.size());
}

TEST_F(IcmpCases6, Silent) {
  StageHarness router;
  const std::vector<std::pair<const char*, PacketBuilder6>> cases = {
      {"an error", packet6().icmp(1, 0).hop_limit(1)},
      {"a redirect", packet6().icmp(137, 0).hop_limit(1)},
      {"a later fragment", packet6().fragment(8, true).hop_limit(1)},
      {"from a link-local address", packet6().from("fe80::5").to("2001:db8:ffff::1")},
      {"multicast", packet6().to("ff0e::1").hop_limit(1)},
      {"in a link-layer multicast", packet6().ethernet_to({0x33, 0x33, 0, 0, 0, 1}).hop_limit(1)},
  };
  for (const auto& [why, in] : cases) {
    const Result result = router.run(in.frame());
    EXPECT_TRUE(result.dropped.has_value()) << why;
    EXPECT_FALSE(result.error_port.has_value()) << why;
  }
}

TEST_F(IcmpCases6, WhatControlGivesUpIsAnswered) {
  StageHarness router;
  EXPECT_EQ(router.give_up(packet6().to("fd00:1::77").frame(), 0, DropReason::kUnresolved).error_port, 0u);
}

}  // namespace
}  // namespace ecmpd::dataplane::test
