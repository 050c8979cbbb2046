// Packet cases: {why, in, out}. What the RFC or an operator wants for one frame, taken through the real stages.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/dataplane/stage_harness.h"

namespace ecmpd::dataplane::test {
namespace {

struct Out {
  std::optional<DropReason> dropped;
  std::optional<PuntClass> punted;
  bool sent = false;
};
Out drop(DropReason reason) { return {.dropped = reason, .punted = {}}; }
Out punt(PuntClass punt_class) { return {.dropped = {}, .punted = punt_class}; }
Out send() { return {.dropped = {}, .punted = {}, .sent = true}; }

struct Case {
  const char* why;
  Bytes in;
  Out out;
};

Bytes arp() {
  Bytes frame(6, 0xff);
  frame.insert(frame.end(), {2, 0, 0, 0, 0, 9, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1});
  frame.resize(42);
  return frame;
}

Bytes ipv6(uint8_t next_header, Bytes destination, uint8_t first_byte = 0) {
  Bytes frame = port_mac(0);
  const Bytes source = neighbor_mac(9);
  frame.insert(frame.end(), source.begin(), source.end());
  frame.insert(frame.end(), {0x86, 0xdd, 0x60, 0, 0, 0, 0, 8, next_header, 255});
  frame.resize(frame.size() + 16);
  destination.resize(16);
  frame.insert(frame.end(), destination.begin(), destination.end());
  frame.push_back(first_byte);
  frame.resize(frame.size() + 7);
  return frame;
}

const std::vector<Case> kCases = {
    {"a plain UDP packet is forwarded", packet().frame(), send()},
    {"TCP too", packet().tcp(1, 2).frame(), send()},
    {"Ethernet padding is no error", packet().udp(1, 2).padding(18).frame(), send()},
    {"an empty IP packet is a packet", packet().l4({}).frame(), send()},
    {"options are carried along", packet().options({1, 1, 1, 0}).frame(), send()},
    {"a header of 60 bytes is the longest", packet().options(Bytes(40, 1)).frame(), send()},
    {"a first fragment is forwarded", packet().fragment(0x2000).frame(), send()},
    {"a later fragment is forwarded", packet().fragment(0x2010).frame(), send()},
    {"TTL 2 still passes one router", packet().ttl(2).frame(), send()},
    {"TTL 1 would become 0", packet().ttl(1).frame(), drop(DropReason::kTtlExpired)},
    {"TTL 0 should not have been sent", packet().ttl(0).frame(), drop(DropReason::kTtlExpired)},
    {"TTL 1 is fine for the router itself", packet().to("10.0.0.1").ttl(1).frame(), punt(PuntClass::kOther)},
    {"ten bytes are no Ethernet frame", packet().cut_to(10).frame(), drop(DropReason::kEthernetRunt)},
    {"an Ethernet header alone holds no packet", packet().cut_to(14).frame(), drop(DropReason::kEthernetRunt)},
    {"19 bytes are no IPv4 header", packet().cut_to(14 + 19).frame(), drop(DropReason::kEthernetRunt)},
    {"version 6 behind IPv4's ethertype", packet().version(6).frame(), drop(DropReason::kIpv4Version)},
    {"IHL 4 is below the minimum", packet().ihl(4).frame(), drop(DropReason::kIpv4HeaderLength)},
    {"IHL 15 beyond the frame", packet().l4({}).ihl(15).frame(), drop(DropReason::kIpv4HeaderLength)},
    {"total length below the header", packet().total_length(19).frame(), drop(DropReason::kIpv4TotalLength)},
    {"total length beyond the frame", packet().total_length(1000).frame(), drop(DropReason::kIpv4TotalLength)},
    {"a frame cut short", packet().payload(100).cut_to(60).frame(), drop(DropReason::kIpv4TotalLength)},
    {"checksum off by something", packet().checksum(0x1234).frame(), drop(DropReason::kIpv4Checksum)},
    {"checksum 0 is not 'none' in IPv4", packet().checksum(0).frame(), drop(DropReason::kIpv4Checksum)},
    {"source 0.0.0.0 is a host without an address", packet().from("0.0.0.0").frame(), drop(DropReason::kIpv4Source)},
    {"source in 127/8 never leaves a host", packet().from("127.0.0.1").frame(), drop(DropReason::kIpv4Source)},
    {"source multicast", packet().from("224.0.0.5").frame(), drop(DropReason::kIpv4Source)},
    {"source in 240/4", packet().from("240.0.0.1").frame(), drop(DropReason::kIpv4Source)},
    {"source broadcast", packet().from("255.255.255.255").frame(), drop(DropReason::kIpv4Source)},
    {"destination in 0/8", packet().to("0.1.2.3").frame(), drop(DropReason::kIpv4Destination)},
    {"destination in 127/8", packet().to("127.1.2.3").frame(), drop(DropReason::kIpv4Destination)},
    {"destination in 240/4", packet().to("250.1.2.3").frame(), drop(DropReason::kIpv4Destination)},
    {"limited broadcast", packet().to("255.255.255.255").frame(), drop(DropReason::kIpv4Broadcast)},
    {"unicast in a link-layer broadcast", packet().ethernet_to(Bytes(6, 0xff)).frame(),
     drop(DropReason::kIpv4Broadcast)},
    {"multicast is not routed", packet().to("239.1.1.1").frame(), drop(DropReason::kIpv4Multicast)},
    {"a frame for somebody else", packet().ethernet_to(neighbor_mac(5)).frame(),
     drop(DropReason::kEthernetDestination)},
    {"an ethertype nobody asked for", packet().ethertype(0x88cc).frame(), drop(DropReason::kEthertypeUnknown)},
    {"a VLAN tag", packet().ethertype(0x8100).frame(), drop(DropReason::kVlanUnknown)},
    {"ARP goes to the twin", arp(), punt(PuntClass::kNeighborDiscovery)},
    {"neighbor solicitation too", ipv6(58, {0xff, 2}, 135), punt(PuntClass::kNeighborDiscovery)},
    {"ping to a link-local address", ipv6(58, {0xfe, 0x80}, 128), punt(PuntClass::kOther)},
    {"IPv6 through the router", ipv6(17, {0x20, 1}), drop(DropReason::kIpv6NotRouted)},
    {"no route", packet().to("8.8.8.8").frame(), drop(DropReason::kNoRoute)},
    {"a nexthop that does not answer", packet().to("192.0.2.1").frame(), drop(DropReason::kUnresolved)},
    {"a host of a connected subnet, not known yet", packet().to("10.0.1.77").frame(), punt(PuntClass::kGlean)},
    {"ping to the router", packet().to("10.0.0.1").icmp(8, 0).frame(), punt(PuntClass::kOther)},
    {"BGP from a node", packet().from("10.0.1.11").to("10.0.0.1").tcp(40000, 179).frame(), punt(PuntClass::kPriority)},
    {"BGP's answer from a node", packet().from("10.0.1.11").to("10.0.0.1").tcp(179, 40000).frame(),
     punt(PuntClass::kPriority)},
    {"port 179 from elsewhere has no priority", packet().from("10.0.9.2").to("10.0.0.1").tcp(40000, 179).frame(),
     punt(PuntClass::kOther)},
    {"a fragment cannot claim to be BGP",
     packet().from("10.0.1.11").to("10.0.0.1").tcp(40000, 179).fragment(10).frame(), punt(PuntClass::kOther)},
    {"UDP port 179 is not BGP", packet().from("10.0.1.11").to("10.0.0.1").udp(40000, 179).payload(20).frame(),
     punt(PuntClass::kOther)},
    {"1,500 bytes fit the MTU", packet().udp(1, 2).payload(1472).frame(), send()},
    {"1,501 with DF do not", packet().udp(1, 2).payload(1473).fragment(0x4000).frame(), drop(DropReason::kMtuExceeded)},
    {"1,501 without go on to be fragmented", packet().udp(1, 2).payload(1473).frame(), send()},
    {"so do they when their host has to be found", packet().to("10.0.1.77").udp(1, 2).payload(1473).frame(),
     punt(PuntClass::kGlean)},
};

class PacketCases : public testing::Test {
 public:
  static void SetUpTestSuite() { start_test_eal(); }
};

TEST_F(PacketCases, Table) {
  StageHarness router;
  for (const Case& test : kCases) {
    SCOPED_TRACE(test.why);
    const Result result = router.run(test.in);
    EXPECT_EQ(result.dropped, test.out.dropped)
        << (result.dropped ? std::string(describe(*result.dropped).name) : "not dropped");
    EXPECT_EQ(result.punted, test.out.punted);
    EXPECT_EQ(result.port.has_value(), test.out.sent);
    if (result.punted) {
      EXPECT_EQ(result.frame, test.in) << "a punted frame is as it came";
    }
  }
  EXPECT_EQ(
      router.drops() + router.punts() +
          static_cast<uint64_t>(std::count_if(kCases.begin(), kCases.end(), [](const Case& c) { return c.out.sent; })),
      kCases.size());
}

TEST_F(PacketCases, StrippedVlanTagIsNotForwarded) {
  StageHarness router;
  EXPECT_EQ(router.run(packet().frame(), 0, RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED).dropped,
            DropReason::kVlanUnknown);
}

TEST_F(PacketCases, RewriteChangesNothingButAddressesTtlAndChecksum) {
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

TEST_F(PacketCases, HeadersMayBeSpreadOverSegments) {
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

TEST_F(PacketCases, PaddingInSeveralSegmentsDoesNotTravelOn) {
  StageHarness router;
  const Bytes padded = packet().udp(1, 2).payload(500).padding(700).frame();
  const Result expected = router.run(packet().udp(1, 2).payload(500).frame());
  for (const size_t segment : {100, 300, 542, 543, 1000}) {
    EXPECT_EQ(router.run_segments(padded, segment).frame, expected.frame) << segment;
  }
}

TEST_F(PacketCases, PaddingDoesNotTravelOn) {
  StageHarness router;
  const Result result = router.run(packet().udp(1, 2).padding(18).frame());
  EXPECT_EQ(result.frame.size(), 14u + 28u);
}

}  // namespace
}  // namespace ecmpd::dataplane::test
