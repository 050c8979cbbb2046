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
#include <cstring>
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

/// Which fields count. `symmetric` sorts the two endpoints (address, then port) before masking, so that both
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
/// caller); what lies behind it may be missing or cut short, and bytes beyond the header's total length are padding
/// and not looked at. Rules: fragments, the first one too, have no ports; ICMP errors (types 3, 4, 5, 11, 12) are
/// keyed by the embedded packet's tuple, reversed (RFC 7690 section 4), or by their own addresses when the embedded
/// header is not usable. Total: any bytes give a key, and nothing outside of `packet` is read.
Key4 key4_from_packet(std::span<const uint8_t> packet, const KeyFields& fields);

/// Key of an IPv4 tuple, equal to that of an unfragmented packet with these fields (of an ICMP message that is no
/// error, when the protocol is ICMP).
Key4 key4_from_tuple(const Tuple& tuple, const KeyFields& fields);

/// "02 00 ..": for explain.
std::string to_hex(std::span<const uint8_t> bytes);

/// True for nearly every packet: no options, TCP or UDP, not a fragment, ports present. `size` as of the span that
/// key4_from_packet takes, at least 20. For these packets key4_common gives what key4_from_packet gives.
inline bool is_common4(const uint8_t* ipv4_header, size_t size) {
  const bool whole = ((ipv4_header[6] & 0x3f) | ipv4_header[7]) == 0;  // neither MF nor an offset; DF may be set
  const unsigned total_length = unsigned{ipv4_header[2]} << 8 | ipv4_header[3];
  return ipv4_header[0] == 0x45 && whole && (ipv4_header[9] == 6 || ipv4_header[9] == 17) && size >= 24 &&
         total_length >= 24;
}

/// The key with its two endpoints in order: the lower address, then the lower port, first.
inline Key4 sort_endpoints(const Key4& key) {
  const auto endpoint = [&key](unsigned address, unsigned port) {
    uint64_t value = 0;
    for (unsigned i = 0; i < 4; ++i) value = value << 8 | key.bytes[address + i];
    return value << 16 | uint64_t{key.bytes[port]} << 8 | key.bytes[port + 1];
  };
  if (endpoint(4, 12) <= endpoint(8, 14)) return key;
  Key4 out = key;
  std::memcpy(&out.bytes[4], &key.bytes[8], 4);
  std::memcpy(&out.bytes[8], &key.bytes[4], 4);
  std::memcpy(&out.bytes[12], &key.bytes[14], 2);
  std::memcpy(&out.bytes[14], &key.bytes[12], 2);
  return out;
}

/// The key with everything that does not count set to zero.
inline Key4 masked(const Key4& key, const Key4& mask) {
  uint64_t a[2], b[2];
  std::memcpy(a, key.bytes.data(), 16);
  std::memcpy(b, mask.bytes.data(), 16);
  a[0] &= b[0];
  a[1] &= b[1];
  Key4 out;
  std::memcpy(out.bytes.data(), a, 16);
  return out;
}

/// Key of a packet for which is_common4 holds: one load, one mask. `mask` is mask4(fields, true), `symmetric` is
/// fields.symmetric.
inline Key4 key4_common(const uint8_t* ipv4_header, const Key4& mask, bool symmetric = false) {
  Key4 key;
  std::memcpy(key.bytes.data(), ipv4_header + 8, 16);
  if (symmetric) key = sort_endpoints(key);
  return masked(key, mask);
}

}  // namespace ecmpd::hash
