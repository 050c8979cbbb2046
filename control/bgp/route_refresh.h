// ROUTE-REFRESH (RFC 2918): asks a peer to send a family's routes once more. Pure and total.
#pragma once

#include <optional>
#include <vector>

#include "control/bgp/families.h"
#include "control/bgp/wire.h"

namespace ecmpd::control::bgp {

struct RouteRefresh {
  FamilyId family;
  uint8_t subtype = 0;  // RFC 7313: 1 and 2 frame the answer; the octet is reserved in RFC 2918
  bool operator==(const RouteRefresh&) const = default;
};

/// Nullopt when it is not four octets long: to be ignored, like one for a family that was not negotiated.
std::optional<RouteRefresh> decode_route_refresh(Bytes body);
/// The whole message.
std::vector<uint8_t> encode_route_refresh(Family family);

}  // namespace ecmpd::control::bgp
