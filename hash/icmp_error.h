// The packet that an ICMP error is about.
//
// Pure functions; any thread. Nothing outside of the span is read.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "hash/ip_layer.h"

namespace ecmpd::hash {

/// The packet that an ICMP error carries, from its IP header to wherever it was cut. Nothing when `layer` is not a
/// whole ICMP or ICMPv6 message, no error (RFC 792, RFC 4443 section 3), or holds no usable header of its own family.
std::optional<std::span<const uint8_t>> embedded_packet(const IpLayer& layer);

}  // namespace ecmpd::hash
