// The key of IPv6 packets: behind extension headers in any legal order, of fragments, and of ICMPv6 errors.
#include <algorithm>

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
const std::string kService = "2001:db8:113::80";
const std::string kRouter = "2001:db8:77::1";  // on the way to the client, which sends ICMPv6 errors

const std::vector<Flow> kFlows = {
    {"TCP", 6, "2001:db8:9::20", 40000, 443},  {"another TCP", 6, "2001:db8:9:1::21", 51234, 80},
    {"UDP", 17, "2001:db8:9::22", 5353, 53},   {"QUIC", 17, "2a00:1:2:3:4:5:6:7", 61000, 443},
    {"SCTP", 132, "2001:db8:9::23", 2905, 36}, {"DCCP", 33, "2001:db8:9::24", 1, 65535},
};

PacketBuilder6 from_client(const Flow& f) {
  return PacketBuilder6().from(f.client).to(kService).transport(f.protocol, f.sport, f.dport).payload(16);
}
PacketBuilder6 answer(const Flow& f) {
  return PacketBuilder6().from(kService).to(f.client).transport(f.protocol, f.dport, f.sport).payload(16);
}
PacketBuilder6 error(uint8_t type, uint8_t code, const Bytes& about) {
  return PacketBuilder6().from(kRouter).to(kService).icmp(type, code, about);
}
Bytes cut(Bytes bytes, size_t count) { return bytes.resize(count), bytes; }

/// A header of `letter`: (h)op-by-hop, (d)estination options, (r)outing, (f)ragment that is the only one.
void add_header(PacketBuilder6& builder, char letter) {
  if (letter == 'h') builder.hop_by_hop();
  if (letter == 'd') builder.destination_options();
  if (letter == 'r') builder.routing();
  if (letter == 'f') builder.fragment(0, false);
}
PacketBuilder6 with_headers(PacketBuilder6 builder, const std::string& letters) {
  for (const char letter : letters) add_header(builder, letter);
  return builder;
}

void add_flow(std::vector<Case>& out, const Flow& f) {
  const auto whole = send_as(flow(f.protocol, f.client, kService, f.sport, f.dport));
  const auto pieces = send_as(flow(f.protocol, f.client, kService));
  const auto add = [&](const std::string& why, const PacketBuilder6& in, const Out& expected, unsigned port = 0) {
    out.push_back({f.name + ": " + why, PacketBuilder6(in).ethernet_to(port_mac(port)).frame(), expected, port});
  };
  add("plain", from_client(f), whole);
  add("hop limit 2", from_client(f).hop_limit(2), whole);
  add("a flow label", from_client(f).flow_label(0x12345), whole);
  add("padding", from_client(f).padding(20), whole);
  add("1,000 bytes", from_client(f).payload(1000), whole);
  for (const unsigned port : {1u, 2u, 3u, 4u}) add("by port " + std::to_string(port), from_client(f), whole, port);
  // RFC 8200 section 4.1: the recommended order, and others, which a receiver must accept too.
  for (const char* letters : {"h", "d", "r", "f", "hd", "hr", "hf", "dr", "rf", "fd", "hdr", "hrf", "hdrfd", "dhrf",
                              "rdhf", "dddddddd", "hdrddddd"}) {
    add(std::string("behind ") + letters, with_headers(from_client(f), letters), whole);
  }
  add("behind a header of 64 bytes", from_client(f).extension(60, cut({0, 7, 1, 60}, 64)), whole);
  add("nine headers are more than are looked at", with_headers(from_client(f), "ddddddddd"),
      send_as(flow(60, f.client, kService)));
  add("first fragment", from_client(f).fragment(0, true), pieces);
  add("middle fragment", from_client(f).fragment(185, true), pieces);
  add("last fragment", from_client(f).fragment(370, false), pieces);
  add("first fragment behind options", with_headers(from_client(f), "hr").fragment(0, true), pieces);
  add("last fragment that begins with other ports",
      PacketBuilder6().from(f.client).to(kService).transport(f.protocol, 7, 9).payload(9).fragment(370, false), pieces);
  add("three bytes are no ports", from_client(f).l4({1, 2, 3}), pieces);
  for (const uint8_t type : {1, 2, 3, 4}) {
    add("ICMPv6 error " + std::to_string(type), error(type, 0, answer(f).ip()), whole);
  }
  add("an error that quotes the ports alone", error(2, 0, cut(answer(f).ip(), 44)), whole);
  add("an error that quotes extension headers", error(2, 0, with_headers(answer(f), "hd").ip()), whole);
  add("an error that quotes another length", error(2, 0, answer(f).payload_length(9000).ip()), whole);
  add("an error behind options", with_headers(error(2, 0, answer(f).ip()), "h"), whole);
  add("an error about a first fragment", error(3, 1, answer(f).fragment(0, true).ip()), pieces);
  add("an error that shows no ports", error(2, 0, cut(answer(f).ip(), 40)), pieces);
}

void add_portless(std::vector<Case>& out) {
  const auto from = PacketBuilder6().from("2001:db8:9::20").to(kService);
  for (const uint8_t protocol : {1, 2, 4, 41, 46, 47, 50, 51, 59, 89, 112, 135, 136, 139, 140, 255}) {
    const auto expected = send_as(flow(protocol, "2001:db8:9::20", kService));
    const std::string name = "protocol " + std::to_string(protocol);
    const auto in = [&](uint16_t port) { return PacketBuilder6(from).udp(port, 2).payload(40).next_header(protocol); };
    out.push_back({name, in(1).frame(), expected});
    out.push_back({name + " with other bytes", in(3).frame(), expected});
    out.push_back({name + " behind options", in(1).hop_by_hop().frame(), expected});
  }
  const auto icmp = send_as(flow(58, "2001:db8:9::20", kService));
  for (const uint8_t type : {0, 5, 127, 128, 129, 143, 160}) {
    out.push_back({"ICMPv6 type " + std::to_string(type), PacketBuilder6(from).icmp(type, 0, Bytes(40)).frame(), icmp});
  }
  out.push_back(
      {"a redirect's packet is in an option", PacketBuilder6(from).icmp(137, 0, packet6().ip()).frame(), icmp});
  out.push_back({"echo in fragments", PacketBuilder6(from).icmp(128, 0).fragment(0, true).frame(), icmp});
  out.push_back({"an error that quotes no IP header", PacketBuilder6(from).icmp(1, 0, Bytes(10)).frame(), icmp});
  out.push_back(
      {"an error that quotes half of one", PacketBuilder6(from).icmp(1, 0, cut(packet6().ip(), 39)).frame(), icmp});
  out.push_back(
      {"an error that quotes IPv4", PacketBuilder6(from).icmp(1, 0, packet().payload(60).ip()).frame(), icmp});
  out.push_back(
      {"a fragment of an error", PacketBuilder6(from).icmp(1, 0, packet6().ip()).fragment(0, true).frame(), icmp});
  const Bytes about = PacketBuilder6().from(kService).to("2001:db8:9::20").icmp(128, 0).ip();
  out.push_back({"an error about the service's ping", error(3, 0, about).frame(), icmp});
}

}  // namespace

std::vector<Case> key6_cases() {
  std::vector<Case> out;
  for (const Flow& each : kFlows) add_flow(out, each);
  add_portless(out);
  return out;
}

std::vector<Case> flow_label_cases() {
  std::vector<Case> out;
  for (const uint32_t label : {0x00000u, 0x00001u, 0x10000u, 0x12345u, 0xfffffu}) {
    hash::Tuple key = flow6();
    key.flow_label = label;
    const auto in = packet6().flow_label(label);
    const std::string name = "label " + std::to_string(label);
    out.push_back({name, in.frame(), send_as(key)});
    out.push_back({name + ", hop limit 3", PacketBuilder6(in).hop_limit(3).frame(), send_as(key)});
    out.push_back({name + " behind options", PacketBuilder6(in).hop_by_hop().frame(), send_as(key)});
    hash::Tuple piece = flow6(17);
    piece.flow_label = label;
    out.push_back({name + ", first fragment", PacketBuilder6(in).fragment(0, true).frame(), send_as(piece)});
    out.push_back({name + ", last fragment", PacketBuilder6(in).fragment(9, false).frame(), send_as(piece)});
    const Bytes answer = packet6().from("2001:db8:113::10").to("2001:db8:9::2").udp(2000, 1000).flow_label(label).ip();
    out.push_back({name + ", an error about an answer that has it",
                   packet6().from("2001:db8:77::1").icmp(2, 0, answer).frame(), send_as(key)});
  }
  out.push_back({"IPv4 has none", packet().frame(), send_as(flow4())});
  return out;
}

}  // namespace ecmpd::dataplane::test
