// ICMP errors that the router originates: {why, in, the error or none}, through the real stages and back.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/dataplane/stage_harness.h"

namespace ecmpd::dataplane::test {
namespace {

class IcmpCases : public testing::Test {
 public:
  static void SetUpTestSuite() { start_test_eal(); }
};

Bytes first(Bytes bytes, size_t count) {
  bytes.resize(std::min(bytes.size(), count));
  return bytes;
}

/// As the client gets it: from the port that its packet came in by.
Bytes error_to_client(uint8_t type, uint8_t code, uint32_t word, const Bytes& about, uint16_t id,
                      const std::string& from = "10.0.0.1") {
  return packet()
      .ethernet_to(neighbor_mac(99))
      .ethernet_from(port_mac(0))
      .from(from)
      .to("10.0.9.2")
      .tos(0xc0)
      .id(id)
      .ttl(64)
      .icmp_error(type, code, word, first(about, 576 - 28))
      .frame();
}

constexpr uint16_t kDf = 0x4000;

struct Answered {
  const char* why;
  PacketBuilder in;
  DropReason reason;
  uint8_t type;
  uint8_t code;
  uint32_t word = 0;
};

const std::vector<Answered> kAnswered = {
    {"traceroute's probe", packet().ttl(1), DropReason::kTtlExpired, 11, 0},
    {"traceroute by TCP", packet().tcp(1, 80).ttl(1), DropReason::kTtlExpired, 11, 0},
    {"traceroute by echo", packet().icmp(8, 0).ttl(1), DropReason::kTtlExpired, 11, 0},
    {"an echo reply is no error", packet().icmp(0, 0).ttl(1), DropReason::kTtlExpired, 11, 0},
    {"TTL 0", packet().ttl(0), DropReason::kTtlExpired, 11, 0},
    {"an empty packet", packet().l4({}).ttl(1), DropReason::kTtlExpired, 11, 0},
    {"the quote has the options", packet().options({1, 1, 1, 0}).ttl(1), DropReason::kTtlExpired, 11, 0},
    {"the quote ends at 576 bytes", packet().payload(1400).ttl(1), DropReason::kTtlExpired, 11, 0},
    {"547 bytes of it are quoted whole", packet().udp(1, 2).payload(519).ttl(1), DropReason::kTtlExpired, 11, 0},
    {"padding is not quoted", packet().udp(1, 2).padding(18).ttl(1), DropReason::kTtlExpired, 11, 0},
    {"a first fragment", packet().fragment(0x2000).ttl(1), DropReason::kTtlExpired, 11, 0},
    {"TTL 1 towards a host that would have to be found", packet().to("10.0.1.77").ttl(1), DropReason::kTtlExpired, 11,
     0},
    {"nowhere to go", packet().to("8.8.8.8"), DropReason::kNoRoute, 3, 0},
    {"no route comes before TTL", packet().to("8.8.8.8").ttl(1), DropReason::kNoRoute, 3, 0},
    {"a nexthop that does not answer", packet().to("192.0.2.1"), DropReason::kUnresolved, 3, 1},
    {"too long with DF", packet().udp(1, 2).payload(1473).fragment(kDf), DropReason::kMtuExceeded, 3, 4, 1500},
    {"too long with DF for a host that would have to be found",
     packet().to("10.0.1.77").udp(1, 2).payload(1473).fragment(kDf), DropReason::kMtuExceeded, 3, 4, 1500},
};

TEST_F(IcmpCases, Answered) {
  StageHarness router;
  uint16_t id = 0;
  for (Answered test : kAnswered) {
    SCOPED_TRACE(test.why);
    const Result result = router.run(test.in.frame());
    EXPECT_EQ(result.dropped, test.reason);
    EXPECT_FALSE(result.port || result.punted);
    EXPECT_EQ(result.error_port, 0u);
    const Bytes about = test.in.padding(0).ip();
    EXPECT_EQ(result.error, error_to_client(test.type, test.code, test.word, about, id++));
    EXPECT_LE(result.error.size(), 14u + 576u);
  }
  EXPECT_EQ(router.counters().injected.get(), kAnswered.size());
  const IcmpCounters& counters = router.counters().port[0].icmp;
  EXPECT_EQ(counters.not_allowed.get() + counters.rate_limited.get(), 0u);
  const auto count = [&](DropReason reason) {
    return static_cast<uint64_t>(
        std::count_if(kAnswered.begin(), kAnswered.end(), [&](const Answered& a) { return a.reason == reason; }));
  };
  EXPECT_EQ(counters.originated[0].get(), count(DropReason::kTtlExpired));
  EXPECT_EQ(counters.originated[1].get(), count(DropReason::kNoRoute));
  EXPECT_EQ(counters.originated[2].get(), count(DropReason::kUnresolved));
  EXPECT_EQ(counters.originated[3].get(), count(DropReason::kMtuExceeded));
}

TEST_F(IcmpCases, ChainsOfSegmentsAreQuotedToo) {
  StageHarness router;
  auto in = packet().udp(1, 2).payload(3000).ttl(1);
  uint16_t id = 0;
  for (const size_t segment : {100, 562, 576, 1500}) {
    in.id(static_cast<uint16_t>(segment));
    EXPECT_EQ(router.run_segments(in.frame(), segment).error, error_to_client(11, 0, 0, in.ip(), id++)) << segment;
  }
}

struct Silent {
  const char* why;
  Bytes in;
};

const Bytes kSomething = packet().from("203.0.113.10").to("10.0.9.2").ip();

const std::vector<Silent> kSilent = {
    {"an error about an error: unreachable", packet().icmp_error(3, 1, 0, kSomething).ttl(1).frame()},
    {"fragmentation needed", packet().icmp_error(3, 4, 1400, kSomething).ttl(1).frame()},
    {"source quench", packet().icmp(4, 0, kSomething).ttl(1).frame()},
    {"redirect", packet().icmp(5, 0, kSomething).ttl(1).frame()},
    {"time exceeded", packet().icmp(11, 0, kSomething).ttl(1).frame()},
    {"parameter problem", packet().icmp(12, 0, kSomething).ttl(1).frame()},
    {"an error behind options", packet().icmp_error(3, 1, 0, kSomething).options({1, 1, 1, 0}).ttl(1).frame()},
    {"ICMP without a type", packet().icmp(8, 0).l4({}).ttl(1).frame()},
    {"an error without a route", packet().to("8.8.8.8").icmp_error(3, 1, 0, kSomething).frame()},
    {"a later fragment", packet().fragment(0x2001).ttl(1).frame()},
    {"the last fragment", packet().fragment(0x0010).ttl(1).frame()},
    {"a later fragment without a route", packet().to("8.8.8.8").fragment(0x0010).frame()},
    {"multicast", packet().to("239.1.1.1").ttl(1).frame()},
    {"broadcast", packet().to("255.255.255.255").ttl(1).frame()},
    {"a link-layer broadcast", packet().ethernet_to(Bytes(6, 0xff)).ttl(1).frame()},
    {"a link-layer multicast", packet().ethernet_to({1, 0, 0x5e, 0, 0, 1}).ttl(1).frame()},
    {"from no host", packet().from("0.0.0.0").ttl(1).frame()},
    {"from a multicast group", packet().from("224.0.0.1").ttl(1).frame()},
    {"from 240/4", packet().from("240.0.0.1").ttl(1).frame()},
    {"a wrong checksum", packet().checksum(1).ttl(1).frame()},
};

TEST_F(IcmpCases, Silent) {
  StageHarness router;
  for (const Silent& test : kSilent) {
    SCOPED_TRACE(test.why);
    const Result result = router.run(test.in);
    EXPECT_TRUE(result.dropped.has_value());
    EXPECT_FALSE(result.error_port.has_value());
  }
  EXPECT_EQ(router.counters().injected.get(), 0u);
  EXPECT_EQ(router.counters().port[0].icmp.not_allowed.get(), 12u) << "those that got beyond parse";
}

TEST_F(IcmpCases, TheErrorComesFromThePortThatThePacketCameInBy) {
  StageHarness router;
  auto in = packet().ttl(1);
  for (unsigned port = 0; port < 4; ++port) {
    const Result result = router.run(in.ethernet_to(port_mac(port)).frame(), port);
    EXPECT_EQ(result.error_port, 0u) << "and takes the sender's own way back";
    EXPECT_EQ(result.error,
              error_to_client(11, 0, 0, in.ip(), static_cast<uint16_t>(port), "10.0." + std::to_string(port) + ".1"));
    EXPECT_EQ(router.counters().port[port].icmp.originated[0].get(), 1u);
  }
}

TEST_F(IcmpCases, AmongSeveralAddressesTheOneInTheSendersSubnetIsUsed) {
  StageHarness router;
  PortAddresses own;
  own.ports.resize(4);
  own.ports[0].v4 = {{0x0a000001, 0xffffff00}, {0x0a000901, 0xffffff00}};
  own.ports[2].v4 = {{0x0a000201, 0xffffff00}};
  router.publisher().set_port_addresses(own);
  auto in = packet().ttl(1);
  EXPECT_EQ(router.run(in.frame()).error, error_to_client(11, 0, 0, in.ip(), 0, "10.0.9.1"));
  in.ethernet_to(port_mac(1));
  EXPECT_EQ(router.run(in.frame(), 1).error, error_to_client(11, 0, 0, in.ip(), 1, "10.0.0.1"))
      << "a port without an address borrows one";
  router.publisher().set_port_addresses({});
  EXPECT_FALSE(router.run(in.frame(), 1).error_port) << "no address, no error";
}

TEST_F(IcmpCases, WhatControlGivesUpIsAnswered) {
  StageHarness router;
  auto in = packet().to("10.0.1.77");
  const Result result = router.give_up(in.frame(), 0, DropReason::kUnresolved);
  EXPECT_EQ(result.error, error_to_client(3, 1, 0, in.ip(), 0));
}

TEST_F(IcmpCases, AnErrorThatCannotGoBackIsDroppedAndNothingMore) {
  StageHarness router;
  EXPECT_FALSE(router.run(packet().from("8.8.8.8").ttl(1).frame()).error_port);
  EXPECT_EQ(router.counters().injected.get(), 1u);
  EXPECT_EQ(router.drops(), 2u) << "the packet, and the error about it";
  EXPECT_EQ(router.counters().port[0].icmp.not_allowed.get(), 1u);
}

TEST_F(IcmpCases, APortMayCauseSoManyAndNoMore) {
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

TEST_F(IcmpCases, ErrorsSpreadOverASendersSeveralWaysAndEachKeepsItsOwn) {
  StageHarness router;
  std::vector<unsigned> by_port(4);
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
