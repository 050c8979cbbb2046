// The packet inside a tunnel packet: IP in IP, GRE and VXLAN.
//
// Pure functions; any thread. Nothing outside of the span is read.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "hash/ip_layer.h"

namespace ecmpd::hash {

/// Tunnels in tunnels that are entered.
inline constexpr unsigned kMaxTunnels = 4;

/// True if a destination port, in network byte order, is VXLAN's 4789 (RFC 7348).
inline bool is_vxlan_port(const uint8_t* port) { return port[0] == 0x12 && port[1] == 0xb5; }

/// The IPv4 or IPv6 packet that `layer` carries:
/// - protocol 4 or 41: IPv4 or IPv6 in either of them (RFC 2003, RFC 2473, RFC 4213);
/// - GRE, version 0, with or without checksum, key and sequence number (RFC 2784, RFC 2890), its payload an IP packet
///   or an Ethernet frame; not with the routing field that RFC 2784 took away;
/// - UDP to port 4789 with VXLAN's I flag (RFC 7348), its payload an Ethernet frame.
/// An Ethernet frame may have up to four VLAN tags. Nothing when `layer` is no such tunnel, is a fragment, carries
/// something else than IP, or is cut before the end of the inner header.
std::optional<std::span<const uint8_t>> inner_packet(const IpLayer& layer);

}  // namespace ecmpd::hash
