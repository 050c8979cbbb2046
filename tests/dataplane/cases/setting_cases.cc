// Keys under settings that are not the default: symmetric ones, and those of the packet in a tunnel.
#include "tests/dataplane/cases/tables.h"
#include "tests/dataplane/packet6.h"

namespace ecmpd::dataplane::test {

namespace {

// The other end of each flow is in the service's prefix as well, so that both directions are spread by the group.
const std::string kA = "203.0.113.10";
const std::string kB = "203.0.113.200";
const std::string kA6 = "2001:db8:113::10";
const std::string kB6 = "2001:db8:113:ff::200";

template <typename Builder>
void both_ways(std::vector<Case>& out, const std::string& name, Builder there, Builder back, const std::string& a,
               const std::string& b) {
  there.from(a).to(b);
  back.from(b).to(a);
  const auto key = send_as(flow(17, a, b, 7777, 53));
  out.push_back({name + " there", Builder(there).udp(7777, 53).payload(8).frame(), key});
  out.push_back({name + " back", Builder(back).udp(53, 7777).payload(8).frame(), key});
  const auto no_ports = send_as(flow(17, a, b));
  out.push_back({name + " three bytes there", Builder(there).l4({1, 2, 3}).frame(), no_ports});
  out.push_back({name + " three bytes back", Builder(back).l4({3, 2, 1}).frame(), no_ports});
  const auto same_ports = send_as(flow(17, a, b, 5000, 5000));
  out.push_back({name + " between equal ports", Builder(there).udp(5000, 5000).payload(8).frame(), same_ports});
  out.push_back({name + " between equal ports, back", Builder(back).udp(5000, 5000).payload(8).frame(), same_ports});
}

Bytes joined(Bytes head, const Bytes& tail) {
  head.insert(head.end(), tail.begin(), tail.end());
  return head;
}

}  // namespace

std::vector<Case> symmetric_cases() {
  std::vector<Case> out;
  both_ways(out, "IPv4", packet(), packet(), kA, kB);
  both_ways(out, "IPv4 with options", packet().options(Bytes(4, 1)), packet(), kA, kB);
  both_ways(out, "from high to low", packet(), packet(), kB, kA);
  both_ways(out, "IPv6", packet6(), packet6(), kA6, kB6);
  both_ways(out, "IPv6 behind options", packet6().hop_by_hop(), packet6(), kA6, kB6);
  both_ways(out, "IPv6 from high to low", packet6(), packet6(), kB6, kA6);
  const auto fragments = send_as(flow(17, kA, kB));
  out.push_back({"fragments there", packet().from(kA).to(kB).fragment(0x2000).frame(), fragments});
  out.push_back({"and back", packet().from(kB).to(kA).fragment(0x0010).frame(), fragments});
  const Bytes about = packet().from(kB).to(kA).udp(53, 7777).ip();
  out.push_back({"an error about one direction", packet().from("172.16.5.1").to(kB).icmp(3, 4, about).frame(),
                 send_as(flow(17, kA, kB, 7777, 53))});
  return out;
}

std::vector<Case> tunnel_cases() {
  std::vector<Case> out;
  for (unsigned n = 0; n < 6; ++n) {
    const auto sport = static_cast<uint16_t>(4000 + 77 * n);
    const std::string name = "flow " + std::to_string(n) + " ";
    const Bytes in4 = packet().from("10.1.1.1").to("10.2.2.2").udp(sport, 53).payload(20).ip();
    const Bytes in6 = packet6().from("fd01::1").to("fd02::2").tcp(sport, 80).ip();
    // A key of the inner packet, at the group of the outer destination: explain() asks by the inner destination, so
    // these are under the service's prefix themselves.
    const Bytes service4 = packet().from("10.1.1.1").to("203.0.113.77").udp(sport, 53).payload(20).ip();
    const auto key4 = send_as(flow(17, "10.1.1.1", "203.0.113.77", sport, 53));
    const Bytes service6 = packet6().from("fd01::1").to("2001:db8:113::77").tcp(sport, 80).ip();
    const auto key6 = send_as(flow(6, "fd01::1", "2001:db8:113::77", sport, 80));
    const auto outer = packet().from("172.16.0.1");
    const auto outer6 = packet6().from("fd0e::1");
    out.push_back({name + "IPv4 in IPv4", PacketBuilder(outer).protocol(4).l4(service4).frame(), key4});
    out.push_back({name + "IPv4 in IPv4 in IPv4",
                   PacketBuilder(outer).protocol(4).l4(PacketBuilder(outer).protocol(4).l4(service4).ip()).frame(),
                   key4});
    out.push_back({name + "IPv6 in IPv6", PacketBuilder6(outer6).next_header(41).l4(service6).frame(), key6});
    out.push_back({name + "IPv6 in IPv6 behind options",
                   PacketBuilder6(outer6).hop_by_hop().next_header(41).l4(service6).frame(), key6});
    out.push_back({name + "GRE", PacketBuilder(outer).protocol(47).l4(joined({0, 0, 8, 0}, service4)).frame(), key4});
    out.push_back(
        {name + "GRE with a key and a sequence number",
         PacketBuilder(outer).protocol(47).l4(joined({0x30, 0, 8, 0, 1, 2, 3, 4, 0, 0, 0, 1}, service4)).frame(),
         key4});
    const Bytes ethernet{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0};
    const Bytes vxlan = joined(joined({8, 0, 0, 0, 0, 0, 42, 0}, ethernet), service4);
    out.push_back({name + "VXLAN",
                   PacketBuilder(outer)
                       .udp(9999, 4789)
                       .l4(joined(
                           [] {
                             const Bytes ip = packet().udp(9999, 4789).ip();
                             return Bytes(ip.begin() + 20, ip.end());
                           }(),
                           vxlan))
                       .frame(),
                   key4});
    // A fragment of a tunnel packet is keyed as itself.
    out.push_back({name + "fragment of a tunnel packet",
                   PacketBuilder(outer).protocol(4).l4(in4).fragment(0x2000).frame(),
                   send_as(flow(4, "172.16.0.1", "203.0.113.10"))});
    out.push_back({name + "without a tunnel", packet().udp(sport, 53).frame(), send_as(flow4(17, sport, 53))});
    out.push_back({name + "IPv6 without a tunnel", packet6().udp(sport, 53).frame(), send_as(flow6(17, sport, 53))});
    out.push_back({name + "GRE of PPP",
                   PacketBuilder(outer).protocol(47).l4(joined({0x30, 1, 0x88, 0x0b}, in6)).frame(),
                   send_as(flow(47, "172.16.0.1", "203.0.113.10"))});
  }
  return out;
}

}  // namespace ecmpd::dataplane::test
