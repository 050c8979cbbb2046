// IPv6 keys: {why, packet, the tuple whose key it has}.
#include <gtest/gtest.h>

#include "hash/ip_layer.h"
#include "hash/key.h"
#include "hash/lab/packet_bytes.h"
#include "hash/random.h"

namespace ecmpd::hash {
namespace {

using lab::Bytes;
using lab::fragment_header;
using lab::icmp_error;
using lab::options_header;
using lab::packet_of;
using lab::reversed;

IpAddress address(const char* text) { return *IpAddress::parse(text); }

const IpAddress kRouter = address("2001:db8:99::1");
const Tuple kFlow{.src = address("2001:db8::1"),
                  .dst = address("2001:db8:ffff::a"),
                  .protocol = 6,
                  .sport = 40000,
                  .dport = 80,
                  .flow_label = 0x12345};

Tuple with(Tuple t, uint8_t protocol) {
  t.protocol = protocol;
  return t;
}
Tuple without_ports(Tuple t) {
  t.sport = t.dport = 0;
  return t;
}
Bytes cut(Bytes packet, size_t to) {
  packet.resize(to);
  return packet;
}
Bytes headers(std::vector<lab::Extension> extensions, const Tuple& tuple = kFlow) {
  return packet_of(tuple, {.extensions = std::move(extensions)});
}
Bytes with_payload_length(Bytes packet, uint8_t length) {
  packet[4] = 0;
  packet[5] = length;
  return packet;
}
std::vector<lab::Extension> many(unsigned count) {
  return std::vector<lab::Extension>(count, options_header(protocol::kDestinationOptions));
}
Bytes version_of_embedded(uint8_t first_byte) {
  Bytes packet = icmp_error(1, kRouter, packet_of(reversed(kFlow)));
  packet[48] = first_byte;
  return packet;
}
const Tuple kError{.src = kRouter, .dst = kFlow.dst, .protocol = 58};  // a message to the server

Bytes error_about(const Bytes& packet, size_t keep = SIZE_MAX) { return icmp_error(2, kRouter, packet, keep); }

Bytes content_of(const Bytes& packet) { return Bytes(packet.begin() + kIpv6Header, packet.end()); }

struct Case {
  const char* why;
  Bytes packet;
  Tuple tuple;
};

std::vector<Case> cases() {
  const Bytes sent = packet_of(reversed(kFlow));  // what the server sent, and a router on the way could not forward
  const Bytes sent_hop_by_hop = headers({options_header(0), options_header(43, 24)}, reversed(kFlow));
  return {
      {"TCP", packet_of(kFlow), kFlow},
      {"UDP", packet_of(with(kFlow, 17)), with(kFlow, 17)},
      {"SCTP", packet_of(with(kFlow, 132)), with(kFlow, 132)},
      {"DCCP", packet_of(with(kFlow, 33)), with(kFlow, 33)},
      {"echo request", packet_of(with(kFlow, 58)), without_ports(with(kFlow, 58))},
      {"GRE, ESP and AH are protocols", packet_of(with(kFlow, 51)), without_ports(with(kFlow, 51))},
      {"no next header", packet_of(with(kFlow, 59)), without_ports(with(kFlow, 59))},

      {"hop-by-hop options are passed over", headers({options_header(0)}), kFlow},
      {"a routing header too", headers({options_header(43, 24)}), kFlow},
      {"destination options too", headers({options_header(60, 16)}), kFlow},
      {"all of them", headers({options_header(0), options_header(60), options_header(43, 40), options_header(60)}),
       kFlow},
      {"eight headers", headers(many(8)), kFlow},
      {"of nine the ninth is the protocol", headers(many(9)), without_ports(with(kFlow, 60))},
      {"a chain cut before a header", cut(headers({options_header(0), options_header(60)}), 48),
       without_ports(with(kFlow, 60))},
      {"a chain cut within a header still tells the protocol", cut(headers({options_header(0, 64)}), 48),
       without_ports(kFlow)},
      {"ports are cut", cut(packet_of(kFlow), 43), without_ports(kFlow)},
      {"ports behind the payload length are padding", with_payload_length(packet_of(kFlow), 3), without_ports(kFlow)},
      {"headers behind it too", with_payload_length(headers({options_header(0)}), 0), without_ports(with(kFlow, 0))},

      {"a first fragment has no ports", headers({fragment_header(0, true)}), without_ports(kFlow)},
      {"nor has a later one", headers({fragment_header(1232, true)}), without_ports(kFlow)},
      {"nor the last", headers({fragment_header(2464, false)}), without_ports(kFlow)},
      {"headers before the Fragment header", headers({options_header(0), fragment_header(0, true)}),
       without_ports(kFlow)},
      {"headers behind it are seen in the first fragment only, so they are the protocol",
       headers({fragment_header(0, true), options_header(60)}), without_ports(with(kFlow, 60))},
      {"an atomic fragment is whole", headers({fragment_header(0, false)}), kFlow},
      {"with headers behind it", headers({fragment_header(0, false), options_header(60)}), kFlow},
      {"a Fragment header that is cut", cut(headers({fragment_header(0, true)}), 47),
       without_ports(with(kFlow, protocol::kFragment))},

      {"an error about a packet of the flow", error_about(sent), kFlow},
      {"destination unreachable", icmp_error(1, kRouter, sent), kFlow},
      {"time exceeded", icmp_error(3, kRouter, sent), kFlow},
      {"parameter problem", icmp_error(4, kRouter, sent), kFlow},
      {"an error itself behind extension headers",
       lab::ip_packet(kError, content_of(error_about(sent)),
                      {.extensions = {options_header(0), fragment_header(0, false)}}),
       kFlow},
      {"embedded extension headers", error_about(sent_hop_by_hop), kFlow},
      {"embedded packet cut behind its ports", error_about(sent, 44), kFlow},
      {"embedded packet cut before its ports", error_about(sent, 43), without_ports(kFlow)},
      {"embedded packet cut in its extension headers", error_about(sent_hop_by_hop, 56), without_ports(kFlow)},
      {"embedded payload length changed on the way", error_about(with_payload_length(sent, 0)), kFlow},
      {"a fragment was too big", error_about(headers({fragment_header(0, true)}, reversed(kFlow))),
       without_ports(kFlow)},
      {"an atomic fragment was too big", error_about(headers({fragment_header(0, false)}, reversed(kFlow))), kFlow},
      {"traceroute by echo requests", icmp_error(3, kRouter, packet_of(with(reversed(kFlow), 58))),
       without_ports(with(kFlow, 58))},
      {"embedded header cut", error_about(sent, 39), kError},
      {"embedded packet is not IPv6", version_of_embedded(0x45), kError},
      {"no error: echo request", icmp_error(128, kRouter, sent), kError},
      {"no error: type 0", icmp_error(0, kRouter, sent), kError},
      {"no error: type 5", icmp_error(5, kRouter, sent), kError},
      {"an error that is itself fragmented",
       lab::ip_packet(kError, content_of(error_about(sent)), {.extensions = {fragment_header(0, true)}}), kError},
  };
}

Key6 key(const Bytes& packet, const KeyFields& fields = KeyFields::five_tuple()) {
  return key6_from_packet(packet, fields);
}
Key6 key(const Tuple& tuple, const KeyFields& fields = KeyFields::five_tuple()) {
  return key6_from_tuple(tuple, fields);
}

TEST(Key6, Table) {
  KeyFields symmetric = KeyFields::five_tuple();
  symmetric.symmetric = true;
  for (const Case& test : cases()) {
    SCOPED_TRACE(test.why);
    for (const KeyFields& fields : {KeyFields::five_tuple(), KeyFields::three_tuple(), symmetric}) {
      EXPECT_EQ(to_hex(key(test.packet, fields).bytes), to_hex(key(test.tuple, fields).bytes));
      EXPECT_EQ(std::get<Key6>(*key_from_packet(test.packet, fields)), key(test.tuple, fields));
    }
    EXPECT_EQ(key(test.packet, symmetric), key(reversed(test.tuple), symmetric));
  }
}

TEST(Key6, LiesAsInTheHeader) {
  const std::string addresses =
      " 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01 20 01 0d b8 ff ff 00 00 00 00 00 00 00 00 00 0a";
  EXPECT_EQ(to_hex(key(packet_of(kFlow)).bytes), "00 00 06 00" + addresses + " 9c 40 00 50");
  EXPECT_EQ(to_hex(key(packet_of(kFlow), KeyFields::three_tuple()).bytes), "00 00 06 00" + addresses + " 00 00 00 00");
  KeyFields labelled = KeyFields::five_tuple();
  labelled.flow_label = true;
  EXPECT_EQ(to_hex(key(packet_of(kFlow), labelled).bytes), "23 45 06 01" + addresses + " 9c 40 00 50");
  EXPECT_EQ(to_hex(key(kFlow, labelled).bytes), "23 45 06 01" + addresses + " 9c 40 00 50");
}

TEST(Key6, FlowLabelOnlyOnRequest) {
  const KeyFields labelled{.sport = false, .dport = false, .flow_label = true};
  Tuple rerolled = kFlow;
  rerolled.flow_label = 0xfffff;
  EXPECT_EQ(key(packet_of(kFlow)), key(packet_of(rerolled)));
  EXPECT_NE(key(packet_of(kFlow), labelled), key(packet_of(rerolled), labelled));
  Bytes traffic_class = packet_of(kFlow);
  traffic_class[0] |= 0x0f;
  traffic_class[1] |= 0xf0;
  EXPECT_EQ(key(traffic_class, labelled), key(kFlow, labelled)) << "the bits beside it are not hashed";
  EXPECT_EQ(key(error_about(packet_of(reversed(kFlow))), labelled), key(kFlow, labelled))
      << "a host that answers with the label it was sent gets its errors";
}

TEST(Key6, FragmentsOfOneDatagramStayTogether) {
  for (const auto& fields : {KeyFields::five_tuple(), KeyFields::three_tuple()}) {
    const Key6 first = key(headers({options_header(0), fragment_header(0, true), options_header(60)}), fields);
    for (const size_t offset : {8, 1232, 65528}) {
      Bytes later = headers({options_header(0), fragment_header(offset, offset != 65528)}, with(kFlow, 60));
      for (size_t at = 56; at < later.size(); ++at) later[at] = static_cast<uint8_t>(offset + at);  // any payload
      EXPECT_EQ(key(later, fields), first) << offset;
    }
  }
}

TEST(Key6, NothingWithoutAWholeHeader) {
  EXPECT_FALSE(key_from_packet({}, KeyFields::five_tuple()));
  EXPECT_FALSE(key_from_packet(cut(packet_of(kFlow), 39), KeyFields::five_tuple()));
  EXPECT_TRUE(key_from_packet(cut(packet_of(kFlow), 40), KeyFields::five_tuple()));
  Bytes version5 = packet_of(kFlow);
  version5[0] = 0x50;
  EXPECT_FALSE(key_from_packet(version5, KeyFields::five_tuple()));
}

}  // namespace
}  // namespace ecmpd::hash
