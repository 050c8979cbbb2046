// Packet cases of IPv6: {why, in, out}. What the RFC or an operator wants for one frame, taken through the real stages.
#include <gtest/gtest.h>

#include "tests/dataplane/packet6.h"
#include "tests/dataplane/packet_case.h"

namespace ecmpd::dataplane::test {
namespace {

const std::string kOwn = port_address6(0);
const std::string kOwnLinkLocal = port_link_local(0);
const std::string kAllNodes = "ff02::1";
const std::string kSolicitsOwn = "ff02::1:ff00:1";           // of fd00::1
const std::string kSolicitsLinkLocal = "ff02::1:ff00:1000";  // of fe80::ff:fe00:1000
const std::string kNode = "fd00:1::11";                      // where sessions come from

PacketBuilder6 discovery(uint8_t type) { return packet6().from("fe80::9").hop_limit(255).icmp(type, 0, Bytes(16)); }
Bytes multicast_mac(uint8_t last) { return {0x33, 0x33, 0, 0, 0, last}; }

const std::vector<Case> kCases = {
    {"a plain UDP packet is forwarded", packet6().frame(), send()},
    {"TCP too", packet6().tcp(1, 2).frame(), send()},
    {"to a single nexthop", packet6().to("2001:db8:51::1").frame(), send()},
    {"Ethernet padding is no error", packet6().l4({}).padding(6).frame(), send()},
    {"an empty packet is a packet", packet6().l4({}).next_header(59).frame(), send()},
    {"an unknown protocol is carried along", packet6().next_header(253).frame(), send()},
    {"hop-by-hop options do not stop a packet", packet6().hop_by_hop().frame(), send()},
    {"nor does any legal order of extension headers",
     packet6().hop_by_hop().destination_options().routing().fragment(0, false).destination_options().frame(), send()},
    {"nor more of them than anybody reads",
     [] {
       PacketBuilder6 many = packet6();
       for (int i = 0; i < 40; ++i) many.destination_options();
       return many.frame();
     }(),
     send()},
    {"a chain that ends in the middle is the receiver's business", packet6().l4({}).extension(60, {0, 7, 0, 0}).frame(),
     send()},
    {"a first fragment is forwarded", packet6().fragment(0, true).frame(), send()},
    {"a later fragment is forwarded", packet6().fragment(185, false).frame(), send()},
    {"a flow label is nobody's business", packet6().flow_label(0xfffff).frame(), send()},
    {"hop limit 2 still passes one router", packet6().hop_limit(2).frame(), send()},
    {"hop limit 1 would become 0", packet6().hop_limit(1).frame(), drop_as(DropReason::kTtlExpired)},
    {"hop limit 0 should not have been sent", packet6().hop_limit(0).frame(), drop_as(DropReason::kTtlExpired)},
    {"hop limit 1 is fine for the router itself", packet6().to(kOwn).hop_limit(1).frame(), punt(PuntClass::kOther)},
    {"an Ethernet header alone holds no packet", packet6().cut_to(14).frame(), drop_as(DropReason::kEthernetRunt)},
    {"39 bytes are no IPv6 header", packet6().cut_to(14 + 39).frame(), drop_as(DropReason::kEthernetRunt)},
    {"version 4 behind IPv6's ethertype", packet6().version(4).frame(), drop_as(DropReason::kIpv6Version)},
    {"version 0", packet6().version(0).frame(), drop_as(DropReason::kIpv6Version)},
    {"payload length beyond the frame", packet6().payload_length(25).frame(), drop_as(DropReason::kIpv6PayloadLength)},
    {"a frame cut short", packet6().payload(100).cut_to(80).frame(), drop_as(DropReason::kIpv6PayloadLength)},
    {"a jumbogram has payload length 0", packet6().extension(0, {0, 0, 0xc2, 4, 0, 1, 0, 0}).payload_length(0).frame(),
     drop_as(DropReason::kIpv6PayloadLength)},
    {"payload length 0 with bytes behind it is padding", packet6().next_header(59).payload_length(0).frame(), send()},
    {"source multicast", packet6().from("ff02::5").frame(), drop_as(DropReason::kIpv6Source)},
    {"source loopback never leaves a host", packet6().from("::1").frame(), drop_as(DropReason::kIpv6Source)},
    {"source unspecified cannot be answered", packet6().from("::").frame(), drop_as(DropReason::kIpv6Source)},
    {"not even by the router", packet6().from("::").to(kOwn).frame(), drop_as(DropReason::kIpv6Source)},
    {"nor on the link", packet6().from("::").to(kOwnLinkLocal).frame(), drop_as(DropReason::kIpv6Source)},
    {"destination unspecified", packet6().to("::").frame(), drop_as(DropReason::kIpv6Destination)},
    {"destination loopback", packet6().to("::1").frame(), drop_as(DropReason::kIpv6Destination)},
    {"unicast in a link-layer multicast", packet6().ethernet_to(multicast_mac(1)).frame(),
     drop_as(DropReason::kIpv6Broadcast)},
    {"unicast in a link-layer broadcast", packet6().ethernet_to(Bytes(6, 0xff)).frame(),
     drop_as(DropReason::kIpv6Broadcast)},
    {"global multicast is not routed", packet6().to("ff0e::1").frame(), drop_as(DropReason::kIpv6Multicast)},
    {"mDNS on the link is not for a router", packet6().to("ff02::fb").frame(), drop_as(DropReason::kIpv6Multicast)},
    {"interface-local multicast on a wire", packet6().to("ff01::1").frame(), drop_as(DropReason::kIpv6Multicast)},
    {"a frame for somebody else", packet6().ethernet_to(neighbor_mac(5)).frame(),
     drop_as(DropReason::kEthernetDestination)},
    {"link-local source beyond its link", packet6().from("fe80::9").frame(), drop_as(DropReason::kIpv6Scope)},
    {"not even to a host that is not known yet", packet6().from("fe80::9").to("fd00:1::77").frame(),
     drop_as(DropReason::kIpv6Scope)},
    {"link-local source to the router", packet6().from("fe80::9").to(kOwn).frame(), punt(PuntClass::kOther)},
    {"link-local destination that is not ours", packet6().to("fe80::77").frame(), drop_as(DropReason::kIpv6Scope)},
    {"the link-local address of another port", packet6().to(port_link_local(1)).frame(),
     drop_as(DropReason::kIpv6Scope)},
    {"ping to the router", packet6().to(kOwn).icmp(128, 0).frame(), punt(PuntClass::kOther)},
    {"ping to its address on another port", packet6().to(port_address6(2)).icmp(128, 0).frame(),
     punt(PuntClass::kOther)},
    {"ping to its link-local address", packet6().from("fe80::9").to(kOwnLinkLocal).icmp(128, 0).frame(),
     punt(PuntClass::kOther)},
    {"ping to all nodes", packet6().ethernet_to(multicast_mac(1)).from("fe80::9").to(kAllNodes).icmp(128, 0).frame(),
     punt(PuntClass::kOther)},
    {"a listener query goes to the twin",
     packet6()
         .ethernet_to(multicast_mac(1))
         .from("fe80::9")
         .to(kAllNodes)
         .hop_limit(1)
         .hop_by_hop()
         .icmp(130, 0)
         .frame(),
     punt(PuntClass::kOther)},
    {"neighbor solicitation", discovery(135).to(kSolicitsOwn).frame(), punt(PuntClass::kNeighborDiscovery)},
    {"for the link-local address", discovery(135).to(kSolicitsLinkLocal).frame(), punt(PuntClass::kNeighborDiscovery)},
    {"as a probe, by unicast", discovery(135).to(kOwn).frame(), punt(PuntClass::kNeighborDiscovery)},
    {"as a probe of the link-local address", discovery(135).to(kOwnLinkLocal).frame(),
     punt(PuntClass::kNeighborDiscovery)},
    {"of a host that makes sure of its address", discovery(135).from("::").to(kSolicitsOwn).frame(),
     punt(PuntClass::kNeighborDiscovery)},
    {"for somebody else", discovery(135).to("ff02::1:ff00:77").frame(), drop_as(DropReason::kIpv6Multicast)},
    {"neighbor advertisement", discovery(136).to(kOwn).frame(), punt(PuntClass::kNeighborDiscovery)},
    {"unsolicited, to all nodes", discovery(136).to(kAllNodes).frame(), punt(PuntClass::kNeighborDiscovery)},
    {"one that a router has passed on is none", discovery(136).hop_limit(254).to(kOwn).frame(),
     punt(PuntClass::kOther)},
    {"one between other hosts is a packet as any other", discovery(136).from(kNode).frame(), send()},
    {"router solicitation is for routers that advertise", discovery(133).to("ff02::2").frame(),
     drop_as(DropReason::kIpv6Multicast)},
    {"no route", packet6().to("2001:db8:ffff::1").frame(), drop_as(DropReason::kNoRoute)},
    {"a nexthop that does not answer", packet6().to("2001:db8:2::1").frame(), drop_as(DropReason::kUnresolved)},
    {"a host of a connected subnet, not known yet", packet6().to("fd00:1::77").frame(), punt(PuntClass::kGlean)},
    {"BGP from a node", packet6().from(kNode).to(kOwn).tcp(40000, 179).frame(), punt(PuntClass::kPriority)},
    {"BGP's answer from a node", packet6().from(kNode).to(kOwn).tcp(179, 40000).frame(), punt(PuntClass::kPriority)},
    {"port 179 from elsewhere has no priority", packet6().to(kOwn).tcp(40000, 179).frame(), punt(PuntClass::kOther)},
    {"UDP port 179 is not BGP", packet6().from(kNode).to(kOwn).udp(40000, 179).payload(20).frame(),
     punt(PuntClass::kOther)},
    {"a fragment cannot claim to be BGP", packet6().from(kNode).to(kOwn).tcp(1, 179).fragment(9, false).frame(),
     punt(PuntClass::kOther)},
    {"1,500 bytes fit the MTU", packet6().udp(1, 2).payload(1452).frame(), send()},
    {"1,501 do not", packet6().udp(1, 2).payload(1453).frame(), drop_as(DropReason::kMtuExceeded)},
};

class PacketCases6 : public testing::Test {
 public:
  static void SetUpTestSuite() { start_test_eal(); }
};

TEST_F(PacketCases6, Table) { run_cases(kCases); }

TEST_F(PacketCases6, RewriteChangesNothingButAddressesAndHopLimit) {
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

TEST_F(PacketCases6, PaddingDoesNotTravelOn) {
  StageHarness router;
  EXPECT_EQ(router.run(packet6().udp(1, 2).padding(18).frame()).frame.size(), 14u + 48u);
}

TEST_F(PacketCases6, APortWithoutIpv6AddressesListensToNothing) {
  StageHarness router;
  router.forget_addresses6(0);
  EXPECT_EQ(router.run(discovery(135).to(kSolicitsOwn).frame()).dropped, DropReason::kIpv6Multicast);
  EXPECT_EQ(router.run(packet6().to(kAllNodes).frame()).dropped, DropReason::kIpv6Multicast);
  EXPECT_EQ(router.run(packet6().to(kOwnLinkLocal).frame()).dropped, DropReason::kIpv6Scope);
  EXPECT_TRUE(router.run(packet6().frame()).port.has_value()) << "it forwards all the same";
}

}  // namespace
}  // namespace ecmpd::dataplane::test
