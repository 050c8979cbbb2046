// Address families of a session: the AFI/SAFI numbers of the wire (RFC 4760), and the two that we route, as a set.
//
// Values only; any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "hash/address.h"

namespace ecmpd::control::bgp {

using hash::Family;

struct FamilyId {
  uint16_t afi = 0;
  uint8_t safi = 0;
  bool operator==(const FamilyId&) const = default;
};
inline constexpr FamilyId kIpv4Unicast{1, 1};
inline constexpr FamilyId kIpv6Unicast{2, 1};

constexpr FamilyId unicast(Family family) { return family == Family::kIpv4 ? kIpv4Unicast : kIpv6Unicast; }
/// Nullopt: not one that we route.
constexpr std::optional<Family> routed_family(const FamilyId& id) {
  if (id == kIpv4Unicast) return Family::kIpv4;
  if (id == kIpv6Unicast) return Family::kIpv6;
  return std::nullopt;
}

/// IPv4 unicast, IPv6 unicast, both or neither.
struct FamilySet {
  bool ipv4 = false;
  bool ipv6 = false;

  constexpr bool contains(Family family) const { return family == Family::kIpv4 ? ipv4 : ipv6; }
  constexpr bool any() const { return ipv4 || ipv6; }
  constexpr void insert(Family family) { (family == Family::kIpv4 ? ipv4 : ipv6) = true; }
  constexpr FamilySet operator&(const FamilySet& o) const { return {ipv4 && o.ipv4, ipv6 && o.ipv6}; }
  constexpr bool operator==(const FamilySet&) const = default;
};
inline constexpr FamilySet kBothFamilies{true, true};

}  // namespace ecmpd::control::bgp
