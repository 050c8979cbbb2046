// Packets as bytes: what workloads and tests are made of.
//
// Lengths and the IPv4 header checksum are right, checksums of TCP, UDP and ICMP are left zero: no key looks at them.
// A packet begins at its IP header. Values; any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "hash/key.h"

namespace ecmpd::hash::lab {

using Bytes = std::vector<uint8_t>;

/// An IPv6 extension header of `number`; its first byte, the next header, is filled in by ip_packet.
struct Extension {
  uint8_t number = 0;
  Bytes bytes;
};
/// Hop-by-hop options (0), routing (43) or destination options (60); `bytes` is a multiple of 8.
Extension options_header(uint8_t number, size_t bytes = 8);
/// `offset` is in bytes, a multiple of 8.
Extension fragment_header(size_t offset, bool more);

struct IpShape {
  size_t options = 0;                   // IPv4: bytes of options, a multiple of 4
  uint16_t fragment = 0x4000;           // IPv4: flags and offset; don't fragment
  std::vector<Extension> extensions{};  // IPv6
};

/// The first bytes of TCP (20) or UDP (8), or only the ports of another protocol that has some, then `payload` bytes.
Bytes transport(const Tuple& tuple, size_t payload = 16);

/// `content` behind an IP header with the tuple's addresses, protocol and flow label.
Bytes ip_packet(const Tuple& tuple, const Bytes& content, const IpShape& shape = {});

/// A whole packet of the flow.
inline Bytes packet_of(const Tuple& tuple, const IpShape& shape = {}) {
  return ip_packet(tuple, transport(tuple), shape);
}

/// What a router at `from` tells the source of `packet` about it: an ICMP or ICMPv6 error of `type` that carries the
/// packet up to `keep` bytes of it.
Bytes icmp_error(uint8_t type, const IpAddress& from, const Bytes& packet, size_t keep = SIZE_MAX);

/// The tuple as the other end sends it.
Tuple reversed(const Tuple& tuple);

}  // namespace ecmpd::hash::lab
