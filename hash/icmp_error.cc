#include "hash/icmp_error.h"

namespace ecmpd::hash {
namespace {

constexpr size_t kIcmpHeader = 8;

/// Unreachable, source quench, redirect, time exceeded, parameter problem.
bool is_icmp_error(uint8_t type) { return type == 3 || type == 4 || type == 5 || type == 11 || type == 12; }

/// Unreachable, packet too big, time exceeded, parameter problem. An ICMPv6 redirect (137) holds its packet in an
/// option and goes from a router to its neighbor, never through a router.
bool is_icmpv6_error(uint8_t type) { return type >= 1 && type <= 4; }

}  // namespace

std::optional<std::span<const uint8_t>> embedded_packet(const IpLayer& layer) {
  const bool v4 = layer.family == Family::kIpv4;
  if (layer.fragment || layer.protocol != (v4 ? protocol::kIcmp : protocol::kIcmpv6)) return std::nullopt;
  if (layer.payload.size() < kIcmpHeader) return std::nullopt;
  const uint8_t type = layer.payload[0];
  if (!(v4 ? is_icmp_error(type) : is_icmpv6_error(type))) return std::nullopt;
  const auto embedded = layer.payload.subspan(kIcmpHeader);
  if (!begins_with_ip(embedded) || embedded[0] >> 4 != (v4 ? 4 : 6)) return std::nullopt;
  return embedded;
}

}  // namespace ecmpd::hash
