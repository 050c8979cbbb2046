// Path attributes as values (RFC 4271 section 5), shared by the codec, the RIB and the policies.
//
// Equality is by value, so that a RIB can intern them. Control thread; no I/O.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

#include "control/bgp/communities.h"
#include "hash/address.h"

namespace ecmpd::control::bgp {

enum class Origin : uint8_t { kIgp = 0, kEgp = 1, kIncomplete = 2 };

struct AsPathSegment {
  // Confederation segments are malformed from outside (RFC 5065).
  enum class Type : uint8_t { kSet = 1, kSequence = 2 };
  Type type = Type::kSequence;
  std::vector<uint32_t> asns;
  auto operator<=>(const AsPathSegment&) const = default;
};

struct Aggregator {
  uint32_t asn = 0;
  uint32_t address = 0;  // host byte order
  auto operator<=>(const Aggregator&) const = default;
};

/// An optional transitive attribute that we do not know (RFC 4271 section 5): kept to be passed on.
struct UnknownAttribute {
  uint8_t flags = 0;
  uint8_t type = 0;
  std::vector<uint8_t> value;
  auto operator<=>(const UnknownAttribute&) const = default;
};

struct PathAttributes {
  Origin origin = Origin::kIncomplete;
  std::vector<AsPathSegment> as_path;
  hash::IpAddress next_hop;
  std::optional<uint32_t> med;
  std::optional<uint32_t> local_pref;
  bool atomic_aggregate = false;
  std::optional<Aggregator> aggregator;
  std::vector<Community> communities;                   // RFC 1997
  std::vector<ExtendedCommunity> extended_communities;  // RFC 4360
  std::vector<LargeCommunity> large_communities;        // RFC 8092
  std::vector<UnknownAttribute> unknown;
  auto operator<=>(const PathAttributes&) const = default;
};

/// Length for the decision process: an AS_SET counts as one (RFC 4271 section 9.1.2.2 a).
unsigned as_path_length(const std::vector<AsPathSegment>& path);
/// The neighboring AS, which MED is compared within; 0 for an empty path or one that begins with a set.
uint32_t neighbor_as(const std::vector<AsPathSegment>& path);

}  // namespace ecmpd::control::bgp
