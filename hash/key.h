// The key of a packet: the bytes that are hashed, and which of them count.
//
// Both kinds of key are bytes as they lie in the header, so that the worker makes one with one load and one mask
// (key_common.h). All fields are in network byte order; what does not count is zero.
//   Key4, 16 bytes, IPv4 from its byte 8 on: TTL (always 0), protocol, header checksum (0), source, destination,
//         source port, destination port.
//   Key6, 40 bytes, IPv6 from its byte 4 on: payload length, protocol, hop limit, source, destination, source port,
//         destination port. Protocol and ports are those behind the extension headers. Payload length and hop limit
//         are 0, or hold the flow label when it counts: its lower 16 bits the one, its upper 4 the other.
// Pure functions; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "hash/address.h"

namespace ecmpd::hash {

struct Key4 {
  static constexpr unsigned kHeaderOffset = 8;  // of its first byte in an IPv4 header
  alignas(16) std::array<uint8_t, 16> bytes{};
  bool operator==(const Key4&) const = default;
};
struct Key6 {
  static constexpr unsigned kHeaderOffset = 4;  // of its first byte in an IPv6 header
  alignas(8) std::array<uint8_t, 40> bytes{};
  bool operator==(const Key6&) const = default;
};
/// Of the family of the packet that is hashed, which with `inner` may be another than that of the packet around it.
using PacketKey = std::variant<Key4, Key6>;

/// Which fields count. `symmetric` sorts the two endpoints (address, then port) before masking, so that both
/// directions of a flow have one key (the flow label, which has no other end, must not count then). With `inner` the
/// packet that a tunnel carries is hashed instead of the packet around it.
struct KeyFields {
  bool protocol = true;
  bool src = true;
  bool dst = true;
  bool sport = true;
  bool dport = true;
  bool flow_label = false;
  bool symmetric = false;
  bool inner = false;

  static KeyFields three_tuple() { return {.sport = false, .dport = false}; }
  static KeyFields five_tuple() { return {}; }
  bool operator==(const KeyFields&) const = default;
};

/// A flow as a person names it; both addresses of one family. Ports in host byte order, 0 where the protocol has none.
struct Tuple {
  IpAddress src;
  IpAddress dst;
  uint8_t protocol = 0;
  uint16_t sport = 0;
  uint16_t dport = 0;
  uint32_t flow_label = 0;  // 20 bits; IPv6 only
  bool operator==(const Tuple&) const = default;
};

/// The fields of a mask over a key, all-ones where the field counts; `ports` is false for packets without usable
/// ports (any fragment, or a protocol other than TCP, UDP, SCTP, DCCP).
Key4 mask4(const KeyFields& fields, bool ports);
Key6 mask6(const KeyFields& fields, bool ports);

/// True for the protocols whose first four bytes are a source and a destination port: TCP, UDP, SCTP, DCCP.
bool has_ports(uint8_t protocol);

/// Keys of packets. `packet` begins at the IP header; what lies behind the header may be missing or cut short, and
/// bytes beyond the length that the header gives are padding and not looked at. Rules, for both families:
/// - Any fragment has no ports, the first one too. Its protocol is what the (IPv6: Fragment) header gives. An atomic
///   fragment (RFC 6946: both first and last) is a whole packet.
/// - IPv6 hop-by-hop options, routing and destination options headers are passed over, at most eight with Fragment
///   headers. AH is a protocol, as in IPv4. Of a chain that is longer or cut the protocol is the one next in it.
/// - ICMP errors (types 3, 4, 5, 11, 12; ICMPv6 1 to 4) are keyed by the embedded packet's tuple, reversed (RFC 7690
///   section 4), or by their own addresses when the embedded header is not usable. The flow label is the embedded
///   packet's, which is right where hosts answer with the label that they were sent.
/// Total: any bytes give a key, and nothing outside of `packet` is read.
///
/// These two do not look into tunnels, whatever `fields.inner` says. `packet` holds at least 20 or 40 bytes (their
/// version, and IHL against the size, are checked by the caller, or the key is of no use).
Key4 key4_from_packet(std::span<const uint8_t> packet, const KeyFields& fields);
Key6 key6_from_packet(std::span<const uint8_t> packet, const KeyFields& fields);

/// The key of a packet of either family; with `fields.inner` that of the packet in the innermost of at most four
/// tunnels (tunnel.h), by the rules above: a tunnelled packet and the same packet outside of a tunnel have one key.
/// A tunnel packet that is a fragment is keyed as itself, since only the first fragment has the inner headers.
/// Nothing when `packet` does not hold a whole IPv4 or IPv6 header.
std::optional<PacketKey> key_from_packet(std::span<const uint8_t> packet, const KeyFields& fields);

/// Key of a tuple, equal to that of a whole packet with these fields, with or without extension headers (of an ICMP
/// message that is no error, when the protocol is ICMP; never of what is in a tunnel).
Key4 key4_from_tuple(const Tuple& tuple, const KeyFields& fields);
Key6 key6_from_tuple(const Tuple& tuple, const KeyFields& fields);
PacketKey key_from_tuple(const Tuple& tuple, const KeyFields& fields);

/// The bytes of a key; they live as long as `key`.
std::span<const uint8_t> bytes_of(const PacketKey& key);

/// "02 00 ..": for explain.
std::string to_hex(std::span<const uint8_t> bytes);

}  // namespace ecmpd::hash
