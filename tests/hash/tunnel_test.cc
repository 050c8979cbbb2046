// With `inner`, a packet in a tunnel has the key that it has outside of it.
#include "hash/tunnel.h"

#include <gtest/gtest.h>

#include "hash/key_common.h"
#include "hash/lab/packet_bytes.h"

namespace ecmpd::hash {
namespace {

using lab::Bytes;
using lab::ip_packet;
using lab::packet_of;
using lab::reversed;

IpAddress address(const char* text) { return *IpAddress::parse(text); }

const Tuple kInner4{.src = address("10.1.0.1"), .dst = address("10.2.0.2"), .protocol = 17, .sport = 5000, .dport = 53};
const Tuple kInner6{
    .src = address("fd00:1::1"), .dst = address("fd00:2::2"), .protocol = 6, .sport = 40000, .dport = 443};
const Tuple kOuter4{.src = address("192.0.2.1"), .dst = address("203.0.113.10")};
const Tuple kOuter6{.src = address("2001:db8::1"), .dst = address("2001:db8:ffff::a")};

KeyFields inner_fields() {
  KeyFields fields = KeyFields::five_tuple();
  fields.inner = true;
  return fields;
}

Bytes joined(Bytes head, const Bytes& tail) {
  head.insert(head.end(), tail.begin(), tail.end());
  return head;
}
bool is_v4(const Bytes& packet) { return packet[0] >> 4 == 4; }

/// Of an IP packet, with a VLAN tag for each of `tags`.
Bytes ethernet(const Bytes& packet, const std::vector<uint16_t>& tags = {}) {
  Bytes out = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};
  for (const uint16_t tag : tags) out = joined(out, {static_cast<uint8_t>(tag >> 8), static_cast<uint8_t>(tag), 0, 7});
  return joined(joined(out, is_v4(packet) ? Bytes{0x08, 0x00} : Bytes{0x86, 0xdd}), packet);
}

using Wrap = Bytes (*)(const Tuple& outer, const Bytes& packet);

Tuple of(Tuple outer, uint8_t protocol, uint16_t sport = 0, uint16_t dport = 0) {
  outer.protocol = protocol;
  outer.sport = sport;
  outer.dport = dport;
  return outer;
}
Bytes ip_in_ip(const Tuple& outer, const Bytes& packet) {
  return ip_packet(of(outer, is_v4(packet) ? protocol::kIpv4 : protocol::kIpv6), packet);
}
template <uint8_t kFlags>
Bytes gre(const Tuple& outer, const Bytes& packet) {
  Bytes header = {kFlags, 0};
  header = joined(header, is_v4(packet) ? Bytes{0x08, 0x00} : Bytes{0x86, 0xdd});
  for (const uint8_t flag : {0x80, 0x20, 0x10}) {
    if ((kFlags & flag) != 0) header = joined(header, {1, 2, 3, 4});
  }
  return ip_packet(of(outer, protocol::kGre), joined(header, packet));
}
Bytes gretap(const Tuple& outer, const Bytes& packet) {
  return ip_packet(of(outer, protocol::kGre), joined({0, 0, 0x65, 0x58}, ethernet(packet, {0x8100})));
}
template <uint16_t... kTags>
Bytes vxlan(const Tuple& outer, const Bytes& packet) {
  Bytes payload = joined({0x08, 0, 0, 0, 0, 0, 42, 0}, ethernet(packet, {kTags...}));
  const Tuple tuple = of(outer, protocol::kUdp, 55555, 4789);
  return ip_packet(tuple, joined(lab::transport(tuple, 0), payload));
}
Bytes nested(const Tuple& outer, const Bytes& packet) {
  return vxlan<>(outer, gre<0x20>(kOuter6, ip_in_ip(kOuter4, packet)));
}

const std::vector<std::pair<const char*, Wrap>> kTunnels = {
    {"IP in IP", ip_in_ip},
    {"GRE", gre<0>},
    {"GRE with a key", gre<0x20>},
    {"GRE with checksum and sequence number", gre<0x90>},
    {"GRE with all three", gre<0xb0>},
    {"Ethernet in GRE, tagged", gretap},
    {"VXLAN", vxlan<>},
    {"VXLAN of a tagged frame", vxlan<0x8100>},
    {"VXLAN of a frame with two tags", vxlan<0x88a8, 0x8100>},
    {"IP in IP in GRE in VXLAN", nested},
};

std::vector<std::pair<const char*, Bytes>> contents() {
  std::vector<std::pair<const char*, Bytes>> out;
  for (const Tuple& flow : {kInner4, kInner6}) {
    const IpAddress router = address(flow.src.is_v4() ? "10.9.9.9" : "fd00:9::9");
    const uint8_t too_big = flow.src.is_v4() ? 3 : 2;
    out.emplace_back("whole", packet_of(flow));
    out.emplace_back("fragment", packet_of(flow, {.fragment = 0x2000, .extensions = {lab::fragment_header(0, true)}}));
    out.emplace_back("options", packet_of(flow, {.options = 8, .extensions = {lab::options_header(0)}}));
    out.emplace_back("error", lab::icmp_error(too_big, router, packet_of(reversed(flow))));
  }
  return out;
}

TEST(InnerKey, IsThatOfThePacketOutsideOfTheTunnel) {
  for (const auto& [tunnel, wrap] : kTunnels) {
    for (const Tuple& outer : {kOuter4, kOuter6}) {
      for (const auto& [what, packet] : contents()) {
        SCOPED_TRACE(testing::Message() << what << " in " << tunnel << " in IPv" << (outer.src.is_v4() ? 4 : 6));
        const Bytes wrapped = wrap(outer, packet);
        EXPECT_EQ(key_from_packet(wrapped, inner_fields()), key_from_packet(packet, KeyFields::five_tuple()));
        EXPECT_NE(key_from_packet(wrapped, KeyFields::five_tuple()), key_from_packet(packet, KeyFields::five_tuple()))
            << "only on request";
      }
    }
  }
}

TEST(InnerKey, ATunnelPacketIsNotCommon) {
  const KeyFields plain = KeyFields::five_tuple();
  for (const auto& [tunnel, wrap] : kTunnels) {
    SCOPED_TRACE(tunnel);
    const Bytes over4 = wrap(kOuter4, packet_of(kInner6));
    EXPECT_FALSE(is_common4(over4.data(), over4.size(), true));
    const Bytes over6 = wrap(kOuter6, packet_of(kInner6));
    EXPECT_FALSE(is_common6(over6.data(), over6.size(), true));
  }
  const Bytes vxlan4 = vxlan<>(kOuter4, packet_of(kInner4));
  ASSERT_TRUE(is_common4(vxlan4.data(), vxlan4.size()));
  EXPECT_EQ(PacketKey(key4_common(vxlan4.data(), mask4(plain, true))), key_from_packet(vxlan4, plain));
  const Bytes plain4 = packet_of(kInner4);
  EXPECT_TRUE(is_common4(plain4.data(), plain4.size(), true)) << "what is no tunnel stays on the short way";
}

TEST(InnerKey, AnErrorAboutATunnelPacketFollowsTheInnerFlow) {
  for (const auto& [tunnel, wrap] : kTunnels) {
    SCOPED_TRACE(tunnel);
    const Bytes sent = wrap(reversed(kOuter4), packet_of(reversed(kInner6)));
    EXPECT_EQ(key_from_packet(lab::icmp_error(3, address("10.9.9.9"), sent), inner_fields()),
              PacketKey(key6_from_tuple(kInner6, KeyFields::five_tuple())));
  }
  const Bytes sent = ip_in_ip(reversed(kOuter4), packet_of(reversed(kInner4)));
  EXPECT_EQ(key_from_packet(lab::icmp_error(3, address("10.9.9.9"), sent, 28), inner_fields()),
            PacketKey(key4_from_tuple(of(kOuter4, protocol::kIpv4), KeyFields::five_tuple())))
      << "8 bytes behind the outer header: only the tunnel itself is known";
}

/// Changes `at` of a VXLAN or GRE packet over IPv4, so that it is no tunnel that can be entered.
Bytes changed(Bytes packet, size_t at, uint8_t value) {
  packet[at] = value;
  return packet;
}

TEST(InnerKey, WhatCannotBeEnteredIsKeyedAsItself) {
  const Bytes in = packet_of(kInner4);
  const Tuple udp = of(kOuter4, protocol::kUdp, 55555, 4789);
  const Tuple gre_tuple = of(kOuter4, protocol::kGre);
  const Tuple ipip = of(kOuter4, protocol::kIpv4);
  const Bytes vxlan4 = vxlan<>(kOuter4, in);
  const struct {
    const char* why;
    Bytes packet;
    Tuple tuple;
  } kCases[] = {
      {"VXLAN without the I flag", changed(vxlan4, 28, 0), udp},
      {"ARP in VXLAN", changed(changed(vxlan4, 48, 0x08), 49, 0x06), udp},
      {"VXLAN cut in its Ethernet header", Bytes(vxlan4.begin(), vxlan4.begin() + 49), udp},
      {"VXLAN cut in the inner header", Bytes(vxlan4.begin(), vxlan4.begin() + 69), udp},
      {"another UDP port", changed(vxlan4, 23, 0xb6), of(kOuter4, protocol::kUdp, 55555, 4790)},
      {"PPTP's GRE", changed(gre<0>(kOuter4, in), 21, 1), gre_tuple},
      {"GRE with routing", changed(gre<0>(kOuter4, in), 20, 0x40), gre_tuple},
      {"GRE of MPLS", changed(gre<0>(kOuter4, in), 22, 0x88), gre_tuple},
      {"GRE that says IPv6 and holds IPv4", changed(changed(gre<0>(kOuter4, in), 22, 0x86), 23, 0xdd), gre_tuple},
      {"a first fragment of a tunnel packet", changed(ip_in_ip(kOuter4, in), 6, 0x20), ipip},
      {"an inner header that is too short", changed(ip_in_ip(kOuter4, in), 20, 0x44), ipip},
  };
  for (const auto& test : kCases) {
    EXPECT_EQ(key_from_packet(test.packet, inner_fields()),
              PacketKey(key4_from_tuple(test.tuple, KeyFields::five_tuple())))
        << test.why;
  }
}

TEST(InnerKey, FourTunnelsAreEntered) {
  Bytes packet = packet_of(kInner4);
  for (unsigned tunnels = 1; tunnels <= 4; ++tunnels) {
    packet = ip_in_ip(kOuter4, packet);
    EXPECT_EQ(key_from_packet(packet, inner_fields()), key_from_packet(packet_of(kInner4), KeyFields::five_tuple()));
  }
  packet = ip_in_ip(kOuter6, packet);
  EXPECT_EQ(key_from_packet(packet, inner_fields()),
            PacketKey(key4_from_tuple(of(kOuter4, protocol::kIpv4), KeyFields::five_tuple())));
}

}  // namespace
}  // namespace ecmpd::hash
