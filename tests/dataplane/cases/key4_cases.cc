// The key of IPv4 packets: one flow in any clothing goes to one member, and bytes that only look like ports count for
// nothing. The member is that of the tuple, whatever the hash settings.
#include "tests/dataplane/cases/tables.h"
#include "tests/dataplane/packet6.h"

namespace ecmpd::dataplane::test {

namespace {

struct Flow {
  std::string name;
  uint8_t protocol;
  std::string client;
  uint16_t sport;
  uint16_t dport;
};
const std::string kService = "203.0.113.80";
const std::string kRouter = "172.16.5.1";  // on the way to the client, which sends ICMP errors

const std::vector<Flow> kFlows = {
    {"TCP", 6, "10.0.9.20", 40000, 443},    {"another TCP", 6, "10.0.9.21", 51234, 80},
    {"UDP", 17, "10.0.9.22", 5353, 53},     {"QUIC", 17, "100.64.3.4", 61000, 443},
    {"SCTP", 132, "10.0.9.23", 2905, 2905}, {"DCCP", 33, "10.0.9.24", 1, 65535},
};

PacketBuilder from_client(const Flow& f) {
  return PacketBuilder().from(f.client).to(kService).transport(f.protocol, f.sport, f.dport).payload(16);
}
/// What the service answers.
PacketBuilder answer(const Flow& f) {
  return PacketBuilder().from(kService).to(f.client).transport(f.protocol, f.dport, f.sport).payload(16);
}
PacketBuilder error(uint8_t type, uint8_t code, const Bytes& about) {
  return PacketBuilder().from(kRouter).to(kService).icmp_error(type, code, 0, about);
}
Bytes cut(Bytes bytes, size_t count) { return bytes.resize(count), bytes; }

void add_flow(std::vector<Case>& out, const Flow& f) {
  const auto whole = send_as(flow(f.protocol, f.client, kService, f.sport, f.dport));
  const auto pieces = send_as(flow(f.protocol, f.client, kService));
  const auto add = [&](const std::string& why, const PacketBuilder& in, const Out& expected, unsigned port = 0) {
    out.push_back({f.name + ": " + why, PacketBuilder(in).ethernet_to(port_mac(port)).frame(), expected, port});
  };
  add("plain", from_client(f), whole);
  add("TTL 2", from_client(f).ttl(2), whole);
  add("TTL 255", from_client(f).ttl(255), whole);
  add("another traffic class", from_client(f).tos(0xb8), whole);
  add("ECN marked", from_client(f).tos(3), whole);
  add("identification 0, DF", from_client(f).id(0).fragment(0x4000), whole);
  const Bytes ip = from_client(f).ip();
  add("ports and no more", from_client(f).l4({ip.begin() + 20, ip.begin() + 24}), whole);
  add("1,000 bytes", from_client(f).payload(1000), whole);
  add("padding", from_client(f).padding(20), whole);
  add("an option", from_client(f).options({148, 4, 0, 0}), whole);
  add("all the options", from_client(f).options(Bytes(40, 1)), whole);
  add("from another station", from_client(f).ethernet_from(neighbor_mac(77)), whole);
  for (const unsigned port : {1u, 2u, 3u, 4u}) add("by port " + std::to_string(port), from_client(f), whole, port);
  add("first fragment", from_client(f).fragment(0x2000), pieces);
  add("middle fragment", from_client(f).fragment(0x2010), pieces);
  add("last fragment", from_client(f).fragment(0x0020), pieces);
  add("last fragment that begins with other ports",
      PacketBuilder().from(f.client).to(kService).transport(f.protocol, 7, 9).payload(16).fragment(0x0020), pieces);
  add("fragment with options", from_client(f).fragment(0x2010).options(Bytes(8, 1)), pieces);
  add("fragment of an earlier fragmentation with DF", from_client(f).fragment(0x6000), pieces);
  add("three bytes are no ports", from_client(f).l4({1, 2, 3}), pieces);
  for (const auto& [type, code] : {std::pair<uint8_t, uint8_t>{3, 1}, {3, 4}, {4, 0}, {5, 1}, {11, 0}, {12, 0}}) {
    add("ICMP error " + std::to_string(type) + "/" + std::to_string(code), error(type, code, answer(f).ip()), whole);
  }
  add("an error that quotes eight bytes", error(3, 4, cut(answer(f).ip(), 28)), whole);
  add("an error that quotes options", error(3, 4, answer(f).options(Bytes(12, 1)).ip()), whole);
  add("an error that quotes another length", error(3, 4, answer(f).total_length(9000).ip()), whole);
  add("an error that quotes a TTL and checksum of then", error(11, 0, answer(f).ttl(0).checksum(7).ip()), whole);
  add("an error behind options", error(3, 4, answer(f).ip()).options(Bytes(4, 1)), whole);
  add("an error about a first fragment", error(11, 1, answer(f).fragment(0x2000).ip()), pieces);
  add("an error that shows no ports", error(3, 4, cut(answer(f).ip(), 20)), pieces);
}

void add_portless(std::vector<Case>& out) {
  for (const uint8_t protocol : {0, 2, 4, 41, 46, 47, 50, 51, 58, 89, 112, 136, 255}) {
    const auto expected = send_as(flow(protocol, "10.0.9.20", kService));
    const auto in = PacketBuilder().from("10.0.9.20").to(kService).udp(1, 2).payload(40).protocol(protocol);
    const std::string name = "protocol " + std::to_string(protocol);
    out.push_back({name, in.frame(), expected});
    out.push_back(
        {name + " with other bytes", PacketBuilder(in).udp(3, 4).payload(40).protocol(protocol).frame(), expected});
  }
  const auto icmp = send_as(flow(1, "10.0.9.20", kService));
  const auto from = PacketBuilder().from("10.0.9.20").to(kService);
  for (const uint8_t type : {0, 8, 13, 17, 30}) {
    out.push_back({"ICMP type " + std::to_string(type), PacketBuilder(from).icmp(type, 0, Bytes(20)).frame(), icmp});
  }
  out.push_back({"echo with another identifier", PacketBuilder(from).icmp(8, 0, Bytes(20, 9)).frame(), icmp});
  out.push_back({"echo in fragments", PacketBuilder(from).icmp(8, 0, Bytes(20)).fragment(0x2000).frame(), icmp});
  out.push_back({"an error that quotes no IP header", PacketBuilder(from).icmp(3, 1, Bytes(10)).frame(), icmp});
  out.push_back(
      {"an error that quotes half of one", PacketBuilder(from).icmp(3, 1, cut(packet().ip(), 19)).frame(), icmp});
  out.push_back({"an error that quotes IPv6", PacketBuilder(from).icmp(3, 1, packet6().ip()).frame(), icmp});
  out.push_back({"an error that quotes IHL 4", PacketBuilder(from).icmp(3, 1, packet().ihl(4).ip()).frame(), icmp});
  out.push_back(
      {"a fragment of an error", PacketBuilder(from).icmp(3, 1, packet().ip()).fragment(0x2000).frame(), icmp});
  const Bytes about = PacketBuilder().from(kService).to("10.0.9.20").icmp(8, 0).ip();
  out.push_back({"an error about the service's ping", error(11, 0, about).frame(), icmp});
}

}  // namespace

std::vector<Case> key4_cases() {
  std::vector<Case> out;
  for (const Flow& each : kFlows) add_flow(out, each);
  add_portless(out);
  return out;
}

}  // namespace ecmpd::dataplane::test
