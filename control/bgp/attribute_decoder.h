// The path attributes of one UPDATE, with the error handling of RFC 7606.
//
// The outcome is one of: usable attributes; attributes with which every announced prefix must be treated as withdrawn;
// or the NOTIFICATION that ends the session. A discarded attribute is simply absent. Pure and total.
#pragma once

#include <optional>
#include <string>

#include "control/bgp/attributes.h"
#include "control/bgp/families.h"
#include "control/bgp/notification.h"
#include "control/bgp/wire.h"

namespace ecmpd::control::bgp {

namespace attribute {
inline constexpr uint8_t kOrigin = 1, kAsPath = 2, kNextHop = 3, kMed = 4, kLocalPref = 5, kAtomicAggregate = 6,
                         kAggregator = 7, kCommunities = 8, kOriginatorId = 9, kClusterList = 10, kMpReach = 14,
                         kMpUnreach = 15, kExtendedCommunities = 16, kAs4Path = 17, kAs4Aggregator = 18,
                         kLargeCommunities = 32;
inline constexpr uint8_t kFlagOptional = 0x80, kFlagTransitive = 0x40, kFlagPartial = 0x20, kFlagExtendedLength = 0x10;
}  // namespace attribute

/// "NEXT_HOP"; "attribute 99" for one without a name.
std::string attribute_name(uint8_t type);

/// What the session knows and the bytes do not say.
struct AttributeContext {
  bool four_octet_as = true;  // negotiated: AS numbers are four octets wide
  bool ebgp = true;
  FamilySet families = kBothFamilies;  // negotiated: prefixes of another family are ignored
  FamilySet add_path{};                // prefixes of these come with path identifiers (RFC 7911)
  uint16_t zone = 0;                   // of a session over link-local addresses: the link that such nexthops are on
  bool operator==(const AttributeContext&) const = default;
};

/// Views into the message.
struct RawAttribute {
  Bytes value;
  Bytes whole;  // with flags, type and length, as a NOTIFICATION quotes it (RFC 4271 section 6.3)
};

struct DecodedAttributes {
  PathAttributes values;
  bool origin_seen = false;
  bool as_path_seen = false;
  bool next_hop_seen = false;
  bool next_hop_unusable = false;  // four octets as it should be, but no host has such an address
  std::optional<RawAttribute> mp_reach;
  std::optional<RawAttribute> mp_unreach;
  bool treat_as_withdraw = false;
  std::string problem;  // the first one, for the log; empty: none
};

Result<DecodedAttributes> decode_attributes(Bytes attributes, const AttributeContext& context);

}  // namespace ecmpd::control::bgp
