// The key of a packet: the bytes that are hashed, and which of them count.
//
// An IPv4 key is 16 bytes as they lie in the header from its byte 8 on, so that the worker makes it with one load and
// one mask: TTL (always masked to 0), protocol, header checksum (0), source, destination, source port, destination
// port. An IPv6 key is 40 bytes: source, destination, source port, destination port, then the word
// protocol << 24 | flow label (network byte order). All fields are in network byte order; what does not count is zero.
// Pure functions; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "hash/address.h"

namespace ecmpd::hash {

struct Key4 {
  alignas(16) std::array<uint8_t, 16> bytes{};
  bool operator==(const Key4&) const = default;
};
struct Key6 {
  alignas(8) std::array<uint8_t, 40> bytes{};
  bool operator==(const Key6&) const = default;
};

/// Which fields count. `symmetric` sorts the two endpoints (address, then port) before hashing, so that both
/// directions of a flow have one key.
struct KeyFields {
  bool protocol = true;
  bool src = true;
  bool dst = true;
  bool sport = true;
  bool dport = true;
  bool flow_label = false;
  bool symmetric = false;

  static KeyFields three_tuple() { return {.sport = false, .dport = false}; }
  static KeyFields five_tuple() { return {}; }
  bool operator==(const KeyFields&) const = default;
};

/// A flow as a person names it. Ports in host byte order, 0 where the protocol has none.
struct Tuple {
  IpAddress src;
  IpAddress dst;
  uint8_t protocol = 0;
  uint16_t sport = 0;
  uint16_t dport = 0;
  uint32_t flow_label = 0;
  bool operator==(const Tuple&) const = default;
};

/// The fields of a mask over a Key4, all-ones where the field counts; `ports` is false for packets without usable
/// ports (any fragment, or a protocol other than TCP, UDP, SCTP, DCCP).
Key4 mask4(const KeyFields& fields, bool ports);

/// True for the protocols whose first four bytes are a source and a destination port: TCP, UDP, SCTP, DCCP.
bool has_ports(uint8_t protocol);

/// Key of an IPv4 packet. `packet` begins at the IPv4 header and holds at least the whole header (IHL checked by the
/// caller); what lies behind it may be missing or cut short. Rules: fragments, the first one too, have no ports; ICMP
/// errors (types 3, 4, 5, 11, 12) are keyed by the embedded packet's tuple, reversed (RFC 7690 section 4), or by
/// their own addresses when the embedded header is not usable.
Key4 key4_from_packet(std::span<const uint8_t> packet, const KeyFields& fields);

/// Key of a tuple, equal to that of an unfragmented packet with these fields.
Key4 key4_from_tuple(const Tuple& tuple, const KeyFields& fields);

/// "02 00 ..": for explain.
std::string to_hex(std::span<const uint8_t> bytes);

}  // namespace ecmpd::hash
