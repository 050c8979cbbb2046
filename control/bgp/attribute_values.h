// The value of each known attribute, and what RFC 7606 section 7 says about a malformed one. Pure.
#pragma once

#include <optional>
#include <vector>

#include "control/bgp/attribute_decoder.h"

namespace ecmpd::control::bgp {

enum class AttributeVerdict : uint8_t {
  kTaken,     // into the values, or rightly left out
  kDiscard,   // malformed, without meaning for the choice of a route
  kWithdraw,  // malformed: the routes are treated as withdrawn
};

/// What a two-octet speaker passes on for the four-octet ones behind it; kept aside until all attributes are read.
struct As4Attributes {
  std::optional<std::vector<AsPathSegment>> path;
  std::optional<Aggregator> aggregator;
};

/// `type` is an attribute that decode_attributes() knows. MP_REACH_NLRI and MP_UNREACH_NLRI are only noted there.
AttributeVerdict take_attribute(uint8_t type, Bytes value, const AttributeContext& context, DecodedAttributes& out,
                                As4Attributes& as4);

/// RFC 6793 section 4.2.3.
void apply_as4(As4Attributes as4, PathAttributes& values);

}  // namespace ecmpd::control::bgp
