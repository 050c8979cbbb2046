#include "hash/lab/mix.h"

#include <algorithm>

#include "hash/ip_layer.h"
#include "hash/lab/derive_seed.h"
#include "hash/random.h"

namespace ecmpd::hash::lab {
namespace {

constexpr size_t kFragmentPayload = 1200;  // a multiple of 8

uint16_t port(Random& random) { return static_cast<uint16_t>(1024 + random.below(64512)); }

IpAddress address6(uint32_t high, uint64_t low) {
  std::array<uint8_t, 16> bytes = {0x20, 0x01, 0x0d, 0xb8};
  for (size_t i = 0; i < 4; ++i) bytes[4 + i] = static_cast<uint8_t>(high >> (24 - 8 * i));
  for (size_t i = 0; i < 8; ++i) bytes[8 + i] = static_cast<uint8_t>(low >> (56 - 8 * i));
  return IpAddress::v6(bytes.data());
}

Tuple draw_tuple(bool v4, Random& random) {
  constexpr uint8_t kProtocols[] = {protocol::kTcp, protocol::kUdp, protocol::kSctp};
  Tuple tuple;
  const auto client = static_cast<uint32_t>(random.next());
  const auto service = static_cast<uint32_t>(random.below(256));
  tuple.src = v4 ? IpAddress::v4(0x0a000000 | (client & 0xffffff)) : address6(client, random.next());
  tuple.dst = v4 ? IpAddress::v4(0xcb007100 | service) : address6(0xffff, service);
  tuple.protocol = kProtocols[random.below(std::size(kProtocols))];
  tuple.sport = port(random);
  tuple.dport = port(random);
  tuple.flow_label = v4 ? 0 : static_cast<uint32_t>(random.below(1u << 20));
  return tuple;
}

/// Options or extension headers in one packet of four.
IpShape draw_shape(Random& random) {
  IpShape shape;
  if (random.below(4) != 0) return shape;
  shape.options = 4 * (1 + random.below(10));
  for (uint64_t n = 1 + random.below(3); n > 0; --n) {
    constexpr uint8_t kHeaders[] = {protocol::kHopByHop, protocol::kRouting, protocol::kDestinationOptions};
    shape.extensions.push_back(options_header(kHeaders[random.below(std::size(kHeaders))], 8 * (1 + random.below(3))));
  }
  if (random.below(4) == 0) shape.extensions.push_back(fragment_header(0, false));
  return shape;
}

/// Fragment `number` of `count` of a datagram; only the first begins with ports.
Bytes fragment(const Tuple& tuple, size_t number, size_t count, Random& random) {
  const bool more = number + 1 < count;
  Bytes payload;
  if (number == 0) {
    payload = transport(tuple);
  }
  while (payload.size() < (more ? kFragmentPayload : 100)) payload.push_back(static_cast<uint8_t>(random.next()));
  IpShape shape;
  shape.fragment = static_cast<uint16_t>((more ? 0x2000 : 0) | number * kFragmentPayload / 8);
  shape.extensions = {fragment_header(number * kFragmentPayload, more)};
  return ip_packet(tuple, payload, shape);
}

/// From a router somewhere on the way back to the client, about `sent`.
Bytes error_about(const Bytes& sent, Random& random) {
  constexpr uint8_t kTypes4[] = {3, 4, 11, 12};
  constexpr uint8_t kTypes6[] = {1, 2, 3, 4};
  const bool v4 = sent[0] >> 4 == 4;
  const IpAddress router =
      v4 ? IpAddress::v4(0x64400000 | static_cast<uint32_t>(random.below(1u << 22))) : address6(0xeeee, random.next());
  return icmp_error(v4 ? kTypes4[random.below(4)] : kTypes6[random.below(4)], router, sent);
}

/// The IP header and 8 bytes: all that old routers send back (RFC 792).
void cut_to_8_bytes(Bytes& packet) {
  const auto payload = read_ip(packet, Length::kAsStated).payload;
  packet.resize(packet.size() - payload.size() + std::min<size_t>(8, payload.size()));
}

}  // namespace

std::string_view to_string(Part part) {
  switch (part) {
    case Part::kWhole:
      return "whole packet";
    case Part::kFragment:
      return "fragment";
    case Part::kError:
      return "ICMP error";
    case Part::kFragmentError:
      return "ICMP error about a fragment";
  }
  return "";
}

MixConnection mix_connection(uint32_t number, uint64_t seed) {
  Random random(derive_seed(seed, {number}));
  MixConnection out;
  out.tuple = draw_tuple(number % 2 == 0, random);
  const Tuple back = reversed(out.tuple);
  for (int i = 0; i < 3; ++i) out.packets.push_back({Part::kWhole, packet_of(out.tuple, draw_shape(random))});
  const size_t fragments = 2 + random.below(3);
  for (size_t i = 0; i < fragments; ++i) {
    out.packets.push_back({Part::kFragment, fragment(out.tuple, i, fragments, random)});
  }
  for (int i = 0; i < 2; ++i) {
    Bytes sent = packet_of(back, draw_shape(random));
    if (random.below(2) == 0) cut_to_8_bytes(sent);
    out.packets.push_back({Part::kError, error_about(sent, random)});
  }
  out.packets.push_back({Part::kFragmentError, error_about(fragment(back, random.below(2), 2, random), random)});
  return out;
}

Units mix_units(uint32_t connections, const KeyFields& fields, uint64_t seed) {
  UnitCollector collector(connections);
  for (uint32_t number = 0; number < connections; ++number) {
    const MixConnection connection = mix_connection(number, seed);
    collector.add(key_from_tuple(connection.tuple, fields), 1, 0);
    bool fragmented = false;
    for (const MixPacket& packet : connection.packets) {
      // A datagram in fragments counts as a flow: under a key with ports it is a unit of its own.
      const bool first_fragment = packet.part == Part::kFragment && !fragmented;
      fragmented = fragmented || first_fragment;
      collector.add(key_from_packet(packet.bytes, fields).value(), first_fragment ? 1 : 0, packet.bytes.size());
    }
  }
  return collector.take();
}

}  // namespace ecmpd::hash::lab
