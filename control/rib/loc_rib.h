// What the RIB has decided, prefix by prefix: Loc-RIB (RFC 4271 section 3.2) with the other sources of routes in it.
//
// Changes come in batches, from Rib::flush() to whoever installs them. Control thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "control/rib/nexthop_set.h"
#include "hash/address.h"

namespace ecmpd::control {

/// In order of preference; the numbers that other routers call administrative distance are 0, 1, and 20 or 200.
enum class RouteSource : uint8_t {
  kConnected = 0,  // a subnet of a port: has no nexthops, its packets are for the hosts in it
  kStatic = 1,
  kBgp = 2,
  kNone = 3,  // no route
};
std::string_view to_string(RouteSource source);

/// Small and dense; a prefix has its own as long as the RIB has an entry for it (rib_table.h).
using RouteId = uint32_t;
inline constexpr RouteId kNoRouteId = UINT32_MAX;

/// The route that a prefix has from now on. kNone withdraws it; kConnected has no nexthops.
struct RouteChange {
  hash::Prefix prefix;
  RouteId id = kNoRouteId;  // the prefix's own until the delivery of kNone is over
  RouteSource source = RouteSource::kNone;
  NexthopSetId nexthops = kNoNexthops;  // valid during the delivery; who keeps it retains it
};

}  // namespace ecmpd::control
