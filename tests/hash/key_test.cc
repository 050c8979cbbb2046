#include "hash/key.h"

#include <gtest/gtest.h>

#include <vector>

#include "hash/random.h"

namespace ecmpd::hash {
namespace {

using Bytes = std::vector<uint8_t>;

const Tuple kFlow{
    .src = IpAddress::v4(0x0a000001), .dst = IpAddress::v4(0xcb00710a), .protocol = 6, .sport = 40000, .dport = 80};

Tuple reversed(Tuple t) {
  std::swap(t.src, t.dst);
  std::swap(t.sport, t.dport);
  return t;
}
Tuple without_ports(Tuple t) {
  t.sport = t.dport = 0;
  return t;
}

/// An IPv4 packet of the flow: header, `options` bytes of options, ports, `payload` bytes.
Bytes packet_of(const Tuple& t, unsigned options = 0, unsigned payload = 16) {
  Bytes p(20 + options, 1);
  const size_t total = p.size() + 4 + payload;
  p[0] = static_cast<uint8_t>(0x45 + options / 4);
  p[2] = static_cast<uint8_t>(total >> 8);
  p[3] = static_cast<uint8_t>(total);
  p[6] = 0x40;
  p[7] = 0;
  p[8] = 61;
  p[9] = t.protocol;
  std::copy_n(t.src.bytes(), 4, p.begin() + 12);
  std::copy_n(t.dst.bytes(), 4, p.begin() + 16);
  for (const uint16_t port : {t.sport, t.dport}) {
    p.push_back(static_cast<uint8_t>(port >> 8));
    p.push_back(static_cast<uint8_t>(port));
  }
  p.resize(total, 0xee);
  return p;
}

/// An ICMP message of `type` from a router on the way that carries `inside`.
Bytes icmp_with(uint8_t type, const Bytes& inside) {
  Tuple t{.src = IpAddress::v4(0xc0000201), .dst = IpAddress::v4(0x0a000001), .protocol = 1};
  Bytes p = packet_of(t, 0, static_cast<unsigned>(4 + inside.size()));
  p[20] = type;
  std::copy(inside.begin(), inside.end(), p.begin() + 28);
  return p;
}

Key4 key(const Bytes& packet, KeyFields fields = KeyFields::five_tuple()) { return key4_from_packet(packet, fields); }
Key4 key(const Tuple& tuple, KeyFields fields = KeyFields::five_tuple()) { return key4_from_tuple(tuple, fields); }

TEST(Key4, LiesAsInTheHeader) {
  EXPECT_EQ(to_hex(key(packet_of(kFlow)).bytes), "00 06 00 00 0a 00 00 01 cb 00 71 0a 9c 40 00 50");
  EXPECT_EQ(to_hex(key(packet_of(kFlow), KeyFields::three_tuple()).bytes),
            "00 06 00 00 0a 00 00 01 cb 00 71 0a 00 00 00 00");
  EXPECT_EQ(to_hex(key(packet_of(kFlow), {.protocol = false, .dst = false, .sport = false}).bytes),
            "00 00 00 00 0a 00 00 01 00 00 00 00 00 00 00 50");
}

TEST(Key4, PortsOnlyWhereTheyAre) {
  for (const unsigned protocol : {6u, 17u, 132u, 33u}) {
    Tuple t = kFlow;
    t.protocol = static_cast<uint8_t>(protocol);
    EXPECT_EQ(key(packet_of(t)), key(t)) << protocol;
    EXPECT_EQ(key(packet_of(t, 40)), key(t)) << protocol << " with options";
    EXPECT_NE(key(t), key(without_ports(t)));
  }
  for (const unsigned protocol : {1u, 4u, 41u, 47u, 50u, 51u, 89u, 255u}) {  // ICMP: type 0x9c, no error
    Tuple t = kFlow;
    t.protocol = static_cast<uint8_t>(protocol);
    EXPECT_EQ(key(packet_of(t)), key(without_ports(t))) << protocol;
    EXPECT_EQ(key(t), key(without_ports(t))) << protocol;
  }
}

TEST(Key4, FragmentsHaveNoPortsNorHasACutPacket) {
  for (const auto& [high, low] : {std::pair{0x20, 0}, {0x20, 100}, {0x00, 1}, {0x1f, 0}}) {
    Bytes p = packet_of(kFlow);
    p[6] = static_cast<uint8_t>(high);
    p[7] = static_cast<uint8_t>(low);
    EXPECT_EQ(key(p), key(without_ports(kFlow)));
  }
  Bytes cut = packet_of(kFlow);
  cut.resize(23);
  EXPECT_EQ(key(cut), key(without_ports(kFlow)));
  Bytes padded = packet_of(kFlow);  // the datagram ends before the ports do; what follows is padding
  padded[2] = 0;
  padded[3] = 23;
  EXPECT_EQ(key(padded), key(without_ports(kFlow)));
}

TEST(Key4, IcmpErrorsFollowTheFlowThatTheyAreAbout) {
  const Bytes sent = packet_of(reversed(kFlow));  // what the server sent, and a router on the way could not forward
  for (const uint8_t type : {3, 4, 5, 11, 12}) {
    EXPECT_EQ(key(icmp_with(type, sent)), key(kFlow)) << unsigned{type};
    EXPECT_EQ(key(icmp_with(type, sent), KeyFields::three_tuple()), key(kFlow, KeyFields::three_tuple()));
    const Bytes eight_bytes(sent.begin(), sent.begin() + 28);
    EXPECT_EQ(key(icmp_with(type, eight_bytes)), key(kFlow));
    EXPECT_EQ(key(icmp_with(type, packet_of(reversed(kFlow), 12))), key(kFlow));
  }
}

TEST(Key4, IcmpErrorsAboutPacketsWithoutPorts) {
  Bytes sent = packet_of(reversed(kFlow));
  const Bytes header_only(sent.begin(), sent.begin() + 20);
  EXPECT_EQ(key(icmp_with(3, header_only)), key(without_ports(kFlow)));
  sent[6] = 0x20;
  EXPECT_EQ(key(icmp_with(3, sent)), key(without_ports(kFlow))) << "a fragment was too big";
  Tuple echo = kFlow;
  echo.protocol = 1;
  EXPECT_EQ(key(icmp_with(11, packet_of(reversed(echo)))), key(echo)) << "traceroute by ICMP";
}

TEST(Key4, IcmpWithoutUsableInsideIsKeyedByItself) {
  const Tuple own{.src = IpAddress::v4(0xc0000201), .dst = IpAddress::v4(0x0a000001), .protocol = 1};
  const Bytes sent = packet_of(reversed(kFlow));
  for (const uint8_t type : {0, 8, 13, 14, 40}) EXPECT_EQ(key(icmp_with(type, sent)), key(own)) << unsigned{type};
  EXPECT_EQ(key(icmp_with(3, Bytes(sent.begin(), sent.begin() + 19))), key(own)) << "cut in the header";
  Bytes broken = sent;
  broken[0] = 0x44;
  EXPECT_EQ(key(icmp_with(3, broken)), key(own)) << "header length below 20";
  broken[0] = 0x65;
  EXPECT_EQ(key(icmp_with(3, broken)), key(own)) << "not IPv4";
  Bytes fragment = icmp_with(3, sent);
  fragment[6] = 0x20;
  EXPECT_EQ(key(fragment), key(own)) << "an error that is itself fragmented";
}

TEST(Key4, SymmetricJoinsBothDirections) {
  Random random(1);
  for (int i = 0; i < 2000; ++i) {
    const auto address = [&] { return IpAddress::v4(0x0a000000 + random.below(4)); };  // often equal
    const auto port = [&] { return static_cast<uint16_t>(1000 + random.below(3)); };
    const Tuple t{.src = address(), .dst = address(), .protocol = 17, .sport = port(), .dport = port()};
    for (unsigned bits = 0; bits < 32; ++bits) {
      const KeyFields fields{.protocol = (bits & 1) != 0,
                             .src = (bits & 2) != 0,
                             .dst = (bits & 4) != 0,
                             .sport = (bits & 8) != 0,
                             .dport = (bits & 16) != 0,
                             .symmetric = true};
      ASSERT_EQ(key(t, fields), key(reversed(t), fields));
      ASSERT_EQ(key(packet_of(t), fields), key(t, fields));
      ASSERT_EQ(key(icmp_with(3, packet_of(t)), fields), key(t, fields));
    }
  }
  KeyFields symmetric = KeyFields::five_tuple();
  symmetric.symmetric = true;
  Tuple crossed = kFlow;  // same addresses and ports, but paired the other way: another flow
  std::swap(crossed.sport, crossed.dport);
  EXPECT_NE(key(kFlow, symmetric), key(crossed, symmetric));
}

}  // namespace
}  // namespace ecmpd::hash
