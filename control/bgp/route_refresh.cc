#include "control/bgp/route_refresh.h"

#include "control/bgp/message.h"

namespace ecmpd::control::bgp {

std::optional<RouteRefresh> decode_route_refresh(Bytes body) {
  if (body.size() != 4) return std::nullopt;
  return RouteRefresh{{load_u16(body.data()), body[3]}, body[2]};
}

std::vector<uint8_t> encode_route_refresh(Family family) {
  const FamilyId id = unicast(family);
  std::vector<uint8_t> body;
  append_u16(body, id.afi);
  append_u8(body, 0);
  append_u8(body, id.safi);
  return encode_message(MessageType::kRouteRefresh, body);
}

}  // namespace ecmpd::control::bgp
