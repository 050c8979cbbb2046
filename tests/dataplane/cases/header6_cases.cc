#include "tests/dataplane/cases/tables.h"
#include "tests/dataplane/packet6.h"

namespace ecmpd::dataplane::test {
namespace {

std::vector<Case> make() {
  const std::string own = port_address6(0);
  const std::string own_link_local = port_link_local(0);
  const std::string all_nodes = "ff02::1";
  const std::string solicits_own = "ff02::1:ff00:1";            // of fd00::1
  const std::string solicits_link_local = "ff02::1:ff00:1000";  // of fe80::ff:fe00:1000
  const std::string node = "fd00:1::11";                        // where sessions come from
  const auto discovery = [](uint8_t type) { return packet6().from("fe80::9").hop_limit(255).icmp(type, 0, Bytes(16)); };
  const auto multicast_mac = [](uint8_t last) { return Bytes{0x33, 0x33, 0, 0, 0, last}; };
  const auto of = [](const std::string& source) { return flow(17, source, "2001:db8:113::10", 1000, 2000); };

  return {
      {"a plain UDP packet is forwarded", packet6().frame(), send_as(flow6())},
      {"TCP too", packet6().tcp(1, 2).frame(), send_as(flow6(6, 1, 2))},
      {"to a single nexthop", packet6().to("2001:db8:51::1").frame(), send_by(1)},
      {"Ethernet padding is no error", packet6().l4({}).padding(6).frame(), send_as(flow6(17))},
      {"an empty packet is a packet", packet6().l4({}).next_header(59).frame(), send_as(flow6(59))},
      {"an unknown protocol is carried along", packet6().next_header(253).frame(), send_as(flow6(253))},
      {"hop-by-hop options do not stop a packet", packet6().hop_by_hop().frame(), send_as(flow6())},
      {"nor does any legal order of extension headers",
       packet6().hop_by_hop().destination_options().routing().fragment(0, false).destination_options().frame(),
       send_as(flow6())},
      {"nor more of them than anybody reads",
       [] {
         PacketBuilder6 many = packet6();
         for (int i = 0; i < 40; ++i) many.destination_options();
         return many.frame();
       }(),
       send_as(flow6(60))},
      {"a chain that ends in the middle is the receiver's business",
       packet6().l4({}).extension(60, {0, 7, 0, 0}).frame(), send_as(flow6(17))},
      {"a first fragment is forwarded", packet6().fragment(0, true).frame(), send_as(flow6(17))},
      {"a later fragment is forwarded", packet6().fragment(185, false).frame(), send_as(flow6(17))},
      {"a flow label is nobody's business", packet6().flow_label(0xfffff).frame(), send_as(flow6())},
      {"hop limit 2 still passes one router", packet6().hop_limit(2).frame(), send_as(flow6())},
      {"hop limit 1 would become 0", packet6().hop_limit(1).frame(), drop_as(DropReason::kTtlExpired, {3, 0})},
      {"hop limit 0 should not have been sent", packet6().hop_limit(0).frame(),
       drop_as(DropReason::kTtlExpired, {3, 0})},
      {"hop limit 1 is fine for the router itself", packet6().to(own).hop_limit(1).frame(), punt(PuntClass::kOther)},
      {"an Ethernet header alone holds no packet", packet6().cut_to(14).frame(), drop_as(DropReason::kEthernetRunt)},
      {"39 bytes are no IPv6 header", packet6().cut_to(14 + 39).frame(), drop_as(DropReason::kEthernetRunt)},
      {"version 4 behind IPv6's ethertype", packet6().version(4).frame(), drop_as(DropReason::kIpv6Version)},
      {"version 0", packet6().version(0).frame(), drop_as(DropReason::kIpv6Version)},
      {"payload length beyond the frame", packet6().payload_length(25).frame(),
       drop_as(DropReason::kIpv6PayloadLength)},
      {"a frame cut short", packet6().payload(100).cut_to(80).frame(), drop_as(DropReason::kIpv6PayloadLength)},
      {"a jumbogram has payload length 0",
       packet6().extension(0, {0, 0, 0xc2, 4, 0, 1, 0, 0}).payload_length(0).frame(),
       drop_as(DropReason::kIpv6PayloadLength)},
      {"payload length 0 with bytes behind it is padding", packet6().next_header(59).payload_length(0).frame(),
       send_as(flow6(59))},
      {"source multicast", packet6().from("ff02::5").frame(), drop_as(DropReason::kIpv6Source)},
      {"source loopback never leaves a host", packet6().from("::1").frame(), drop_as(DropReason::kIpv6Source)},
      {"source unspecified cannot be answered", packet6().from("::").frame(), drop_as(DropReason::kIpv6Source)},
      {"not even by the router", packet6().from("::").to(own).frame(), drop_as(DropReason::kIpv6Source)},
      {"nor on the link", packet6().from("::").to(own_link_local).frame(), drop_as(DropReason::kIpv6Source)},
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
      {"link-local source beyond its link", packet6().from("fe80::9").frame(), drop_as(DropReason::kIpv6Scope, {1, 2})},
      {"not even to a host that is not known yet", packet6().from("fe80::9").to("fd00:1::77").frame(),
       drop_as(DropReason::kIpv6Scope, {1, 2})},
      {"link-local source to the router", packet6().from("fe80::9").to(own).frame(), punt(PuntClass::kOther)},
      {"link-local destination that is not ours", packet6().to("fe80::77").frame(), drop_as(DropReason::kIpv6Scope)},
      {"the link-local address of another port", packet6().to(port_link_local(1)).frame(),
       drop_as(DropReason::kIpv6Scope)},
      {"ping to the router", packet6().to(own).icmp(128, 0).frame(), punt(PuntClass::kOther)},
      {"ping to its address on another port", packet6().to(port_address6(2)).icmp(128, 0).frame(),
       punt(PuntClass::kOther)},
      {"ping to its link-local address", packet6().from("fe80::9").to(own_link_local).icmp(128, 0).frame(),
       punt(PuntClass::kOther)},
      {"ping to all nodes", packet6().ethernet_to(multicast_mac(1)).from("fe80::9").to(all_nodes).icmp(128, 0).frame(),
       punt(PuntClass::kOther)},
      {"a listener query goes to the twin",
       packet6()
           .ethernet_to(multicast_mac(1))
           .from("fe80::9")
           .to(all_nodes)
           .hop_limit(1)
           .hop_by_hop()
           .icmp(130, 0)
           .frame(),
       punt(PuntClass::kOther)},
      {"neighbor solicitation", discovery(135).to(solicits_own).frame(), punt(PuntClass::kNeighborDiscovery)},
      {"for the link-local address", discovery(135).to(solicits_link_local).frame(),
       punt(PuntClass::kNeighborDiscovery)},
      {"as a probe, by unicast", discovery(135).to(own).frame(), punt(PuntClass::kNeighborDiscovery)},
      {"as a probe of the link-local address", discovery(135).to(own_link_local).frame(),
       punt(PuntClass::kNeighborDiscovery)},
      {"of a host that makes sure of its address", discovery(135).from("::").to(solicits_own).frame(),
       punt(PuntClass::kNeighborDiscovery)},
      {"for somebody else", discovery(135).to("ff02::1:ff00:77").frame(), drop_as(DropReason::kIpv6Multicast)},
      {"neighbor advertisement", discovery(136).to(own).frame(), punt(PuntClass::kNeighborDiscovery)},
      {"unsolicited, to all nodes", discovery(136).to(all_nodes).frame(), punt(PuntClass::kNeighborDiscovery)},
      {"one that a router has passed on is none", discovery(136).hop_limit(254).to(own).frame(),
       punt(PuntClass::kOther)},
      {"one between other hosts is a packet as any other", discovery(136).from(node).frame(),
       send_as(flow(58, node, "2001:db8:113::10"))},
      {"router solicitation is for routers that advertise", discovery(133).to("ff02::2").frame(),
       drop_as(DropReason::kIpv6Multicast)},
      {"no route", packet6().to("2001:db8:ffff::1").frame(), drop_as(DropReason::kNoRoute, {1, 0})},
      {"a nexthop that does not answer", packet6().to("2001:db8:2::1").frame(),
       drop_as(DropReason::kUnresolved, {1, 3})},
      {"a host of a connected subnet, not known yet", packet6().to("fd00:1::77").frame(), punt(PuntClass::kGlean)},
      {"BGP from a node", packet6().from(node).to(own).tcp(40000, 179).frame(), punt(PuntClass::kPriority)},
      {"BGP's answer from a node", packet6().from(node).to(own).tcp(179, 40000).frame(), punt(PuntClass::kPriority)},
      {"port 179 from elsewhere has no priority", packet6().to(own).tcp(40000, 179).frame(), punt(PuntClass::kOther)},
      {"UDP port 179 is not BGP", packet6().from(node).to(own).udp(40000, 179).payload(20).frame(),
       punt(PuntClass::kOther)},
      {"a fragment cannot claim to be BGP", packet6().from(node).to(own).tcp(1, 179).fragment(9, false).frame(),
       punt(PuntClass::kOther)},
      {"1,500 bytes fit the MTU", packet6().udp(1, 2).payload(1452).frame(), send_as(flow6(17, 1, 2))},
      {"1,501 do not", packet6().udp(1, 2).payload(1453).frame(), drop_as(DropReason::kMtuExceeded, {2, 0, 1500})},
      {"to a host on the link", packet6().to("fd00:2::11").frame(), send_by(2)},
      {"back out by the port that it came in by", packet6().to("2001:db8:9::77").frame(), send_by(0)},
      {"from a node to a client",
       packet6().ethernet_to(port_mac(3)).from("2001:db8:113::10").to("2001:db8:9::2").frame(), send_by(0), 3},
      {"a unique local source", packet6().from("fd12::1").frame(), send_as(of("fd12::1"))},
      {"a source of IPv4 in IPv6", packet6().from("64:ff9b::a00:901").frame(), send_as(of("64:ff9b::a00:901"))},
      {"source ::2 is no loopback", packet6().from("::2").frame(), send_as(of("::2"))},
      {"source fec0::1 is link-local no more", packet6().from("fec0::1").frame(), send_as(of("fec0::1"))},
      {"source multicast to the router", packet6().from("ff0e::5").to(own).frame(), drop_as(DropReason::kIpv6Source)},
      {"source loopback to the router", packet6().from("::1").to(own).frame(), drop_as(DropReason::kIpv6Source)},
      {"destination loopback from the link", packet6().from("fe80::9").to("::1").frame(),
       drop_as(DropReason::kIpv6Destination)},
      {"destination ::2 has no route", packet6().to("::2").frame(), drop_as(DropReason::kNoRoute, {1, 0})},
      {"version 5", packet6().version(5).frame(), drop_as(DropReason::kIpv6Version)},
      {"version 15", packet6().version(15).frame(), drop_as(DropReason::kIpv6Version)},
      {"IPv4's ethertype over IPv6", packet6().ethertype(0x0800).frame(), drop_as(DropReason::kIpv4Version)},
      {"a VLAN tag", tagged(packet6().frame(), 11), drop_as(DropReason::kVlanUnknown)},
      {"a priority tag", tagged(packet6().frame(), 7 << 13), send_as(flow6())},
      {"a priority tag before options", tagged(packet6().hop_by_hop().frame(), 7 << 13), send_as(flow6())},
      {"a priority tag, and hop limit 1", tagged(packet6().hop_limit(1).frame(), 7 << 13),
       drop_as(DropReason::kTtlExpired, {3, 0})},
      {"a priority tag before another one", tagged(tagged(packet6().frame(), 0), 0), drop_as(DropReason::kVlanUnknown)},
      {"payload length of one byte too many", packet6().udp(1, 2).payload_length(9).frame(),
       drop_as(DropReason::kIpv6PayloadLength)},
      {"payload length 65535", packet6().payload_length(65535).frame(), drop_as(DropReason::kIpv6PayloadLength)},
      {"payload length that cuts the payload", packet6().payload(100).payload_length(20).frame(), send_as(flow6())},
      {"payload length that cuts the ports off", packet6().payload_length(2).frame(), send_as(flow6(17))},
      {"protocol 0 of IPv4 is hop-by-hop here: cut", packet6().l4({0}).next_header(0).frame(), send_as(flow6(0))},
      {"a routing header with segments left is for its addressee",
       packet6().extension(43, {0, 0, 0, 1, 0, 0, 0, 0}).frame(), send_as(flow6())},
      {"hop-by-hop options that ask for a discard are not read",
       packet6().extension(0, {0, 0, 0x5e, 4, 0, 0, 0, 0}).frame(), send_as(flow6())},
      {"router alert is no stop", packet6().extension(0, {0, 0, 5, 2, 0, 0, 1, 0}).frame(), send_as(flow6())},
      {"hop-by-hop options in the second place", packet6().destination_options().hop_by_hop().frame(),
       send_as(flow6())},
      {"the routers' anycast address of a subnet", packet6().to("fd00:1::").frame(), punt(PuntClass::kOther)},
      {"the highest address of a subnet is a host", packet6().to("fd00:1::ffff:ffff:ffff:ffff").frame(),
       punt(PuntClass::kGlean)},
      {"hop limit 0 for the router itself", packet6().to(own).hop_limit(0).frame(), punt(PuntClass::kOther)},
      {"a fragment for the router itself", packet6().to(own).fragment(185, true).frame(), punt(PuntClass::kOther)},
      {"a redirect to the router", discovery(137).to(own_link_local).frame(), punt(PuntClass::kNeighborDiscovery)},
      {"a router advertisement", discovery(134).to(all_nodes).frame(), punt(PuntClass::kNeighborDiscovery)},
      {"a solicitation for the address of another port", discovery(135).to("ff02::1:ff00:1001").frame(),
       drop_as(DropReason::kIpv6Multicast)},
      {"OSPF's group", packet6().from("fe80::9").to("ff02::5").hop_limit(1).next_header(89).frame(),
       drop_as(DropReason::kIpv6Multicast)},
      {"multicast of the site", packet6().to("ff05::2").frame(), drop_as(DropReason::kIpv6Multicast)},
      {"a reserved scope of multicast", packet6().to("ff00::1").frame(), drop_as(DropReason::kIpv6Multicast)},
      {"link-local to link-local on this link", packet6().from("fe80::9").to("fe80::77").frame(),
       drop_as(DropReason::kIpv6Scope)},
      {"febf::/16 is link-local too", packet6().from("febf::9").frame(), drop_as(DropReason::kIpv6Scope, {1, 2})},
  };
}

}  // namespace

std::vector<Case> header6_cases() { return make(); }

}  // namespace ecmpd::dataplane::test
