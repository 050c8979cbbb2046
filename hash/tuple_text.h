// Flows as people write them: "tcp 192.0.2.1:40000 -> 203.0.113.10:80".
//
// Pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hash/key.h"

namespace ecmpd::hash {

/// A name ("tcp", "udp", "icmp", "icmpv6", "sctp", "dccp", "gre", "esp", "ah", "igmp", "ospf") or a number to 255.
std::optional<uint8_t> parse_protocol(std::string_view text);
std::string protocol_text(uint8_t protocol);

/// Without ports if both are 0.
std::string flow_text(const Tuple& tuple);

}  // namespace ecmpd::hash
