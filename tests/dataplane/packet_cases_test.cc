// Packet cases: {why, in, out}. What the RFC or an operator wants for one frame, taken through the real stages.
#include <gtest/gtest.h>

#include "tests/dataplane/packet_case.h"

namespace ecmpd::dataplane::test {
namespace {

Bytes arp() {
  Bytes frame = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 9, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1};
  frame.resize(42);
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
    {"TTL 1 would become 0", packet().ttl(1).frame(), drop_as(DropReason::kTtlExpired)},
    {"TTL 0 should not have been sent", packet().ttl(0).frame(), drop_as(DropReason::kTtlExpired)},
    {"TTL 1 is fine for the router itself", packet().to("10.0.0.1").ttl(1).frame(), punt(PuntClass::kOther)},
    {"ten bytes are no Ethernet frame", packet().cut_to(10).frame(), drop_as(DropReason::kEthernetRunt)},
    {"an Ethernet header alone holds no packet", packet().cut_to(14).frame(), drop_as(DropReason::kEthernetRunt)},
    {"19 bytes are no IPv4 header", packet().cut_to(14 + 19).frame(), drop_as(DropReason::kEthernetRunt)},
    {"version 6 behind IPv4's ethertype", packet().version(6).frame(), drop_as(DropReason::kIpv4Version)},
    {"IHL 4 is below the minimum", packet().ihl(4).frame(), drop_as(DropReason::kIpv4HeaderLength)},
    {"IHL 15 beyond the frame", packet().l4({}).ihl(15).frame(), drop_as(DropReason::kIpv4HeaderLength)},
    {"total length below the header", packet().total_length(19).frame(), drop_as(DropReason::kIpv4TotalLength)},
    {"total length beyond the frame", packet().total_length(1000).frame(), drop_as(DropReason::kIpv4TotalLength)},
    {"a frame cut short", packet().payload(100).cut_to(60).frame(), drop_as(DropReason::kIpv4TotalLength)},
    {"checksum off by something", packet().checksum(0x1234).frame(), drop_as(DropReason::kIpv4Checksum)},
    {"checksum 0 is not 'none' in IPv4", packet().checksum(0).frame(), drop_as(DropReason::kIpv4Checksum)},
    {"source 0.0.0.0 is a host without an address", packet().from("0.0.0.0").frame(), drop_as(DropReason::kIpv4Source)},
    {"source in 127/8 never leaves a host", packet().from("127.0.0.1").frame(), drop_as(DropReason::kIpv4Source)},
    {"source multicast", packet().from("224.0.0.5").frame(), drop_as(DropReason::kIpv4Source)},
    {"source in 240/4", packet().from("240.0.0.1").frame(), drop_as(DropReason::kIpv4Source)},
    {"source broadcast", packet().from("255.255.255.255").frame(), drop_as(DropReason::kIpv4Source)},
    {"destination in 0/8", packet().to("0.1.2.3").frame(), drop_as(DropReason::kIpv4Destination)},
    {"destination in 127/8", packet().to("127.1.2.3").frame(), drop_as(DropReason::kIpv4Destination)},
    {"destination in 240/4", packet().to("250.1.2.3").frame(), drop_as(DropReason::kIpv4Destination)},
    {"limited broadcast", packet().to("255.255.255.255").frame(), drop_as(DropReason::kIpv4Broadcast)},
    {"unicast in a link-layer broadcast", packet().ethernet_to(Bytes(6, 0xff)).frame(),
     drop_as(DropReason::kIpv4Broadcast)},
    {"multicast is not routed", packet().to("239.1.1.1").frame(), drop_as(DropReason::kIpv4Multicast)},
    {"a frame for somebody else", packet().ethernet_to(neighbor_mac(5)).frame(),
     drop_as(DropReason::kEthernetDestination)},
    {"an ethertype nobody asked for", packet().ethertype(0x88cc).frame(), drop_as(DropReason::kEthertypeUnknown)},
    {"a VLAN tag", packet().ethertype(0x8100).frame(), drop_as(DropReason::kVlanUnknown)},
    {"ARP goes to the twin", arp(), punt(PuntClass::kNeighborDiscovery)},
    {"no route", packet().to("8.8.8.8").frame(), drop_as(DropReason::kNoRoute)},
    {"a nexthop that does not answer", packet().to("192.0.2.1").frame(), drop_as(DropReason::kUnresolved)},
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
    {"1,501 do not", packet().udp(1, 2).payload(1473).frame(), drop_as(DropReason::kMtuExceeded)},
};

class PacketCases : public testing::Test {
 public:
  static void SetUpTestSuite() { start_test_eal(); }
};

TEST_F(PacketCases, Table) { run_cases(kCases); }

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

TEST_F(PacketCases, PaddingDoesNotTravelOn) {
  StageHarness router;
  const Result result = router.run(packet().udp(1, 2).padding(18).frame());
  EXPECT_EQ(result.frame.size(), 14u + 28u);
}

}  // namespace
}  // namespace ecmpd::dataplane::test
