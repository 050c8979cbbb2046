// What addresses and headers of IPv6 packets say, for the stages. Pure functions over bytes in network byte order.
#pragma once

#include <rte_ip.h>

#include <cstdint>
#include <cstring>

namespace ecmpd::dataplane {

inline constexpr unsigned kIpv6Header = sizeof(rte_ipv6_hdr);
inline constexpr unsigned kIpv6SourceAt = 8;
inline constexpr unsigned kIpv6DestinationAt = 24;

/// ff00::/8 (RFC 4291 section 2.7)
inline bool is_multicast6(const uint8_t* address) { return address[0] == 0xff; }
/// fe80::/10 (RFC 4291 section 2.5.6)
inline bool is_link_local6(const uint8_t* address) { return address[0] == 0xfe && (address[1] & 0xc0) == 0x80; }

/// :: is 0 and ::1 is 1 (RFC 4291 sections 2.5.2 and 2.5.3); everything else is larger.
enum class Lowest : uint8_t { kUnspecified, kLoopback, kNeither };
inline Lowest lowest6(const uint8_t* address) {
  uint64_t high, low;
  std::memcpy(&high, address, 8);
  std::memcpy(&low, address + 8, 8);
  if (high != 0) [[likely]]
    return Lowest::kNeither;
  if (low == 0) return Lowest::kUnspecified;
  return low == rte_cpu_to_be_64(1) ? Lowest::kLoopback : Lowest::kNeither;
}

/// A message of neighbor discovery that its receiver may believe: the hop limit proves that no router has passed it on
/// (RFC 4861 sections 6.1, 7.1 and 8.1). `available` bytes follow `ip`.
inline bool is_neighbor_discovery(const uint8_t* ip, unsigned available) {
  const auto* header = reinterpret_cast<const rte_ipv6_hdr*>(ip);
  if (header->proto != IPPROTO_ICMPV6 || header->hop_limits != 255 || available <= kIpv6Header) return false;
  const uint8_t type = ip[kIpv6Header];
  return type >= 133 && type <= 137;
}

}  // namespace ecmpd::dataplane
