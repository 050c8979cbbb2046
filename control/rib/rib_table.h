// The one table of prefixes: the RIB's entries by prefix or by RouteId.
//
// The RIB alone adds and removes entries. Others keep what they know of a prefix in arrays by RouteId: an id is given
// to another prefix only after the change that withdraws its route has been delivered. Control thread.
#pragma once

#include <cstdint>

#include "control/rib/loc_rib.h"
#include "control/rib/nexthop_set.h"
#include "control/rib/path_list.h"
#include "control/rib/prefix_map.h"

namespace ecmpd::control {

struct RibEntry {
  hash::Prefix prefix;
  uint16_t path_count = 0;
  uint32_t nexthops : 24 = kNoNexthops;  // as last delivered; holds a reference
  uint32_t source : 2 = static_cast<uint32_t>(RouteSource::kNone);
  uint32_t dirty : 1 = 0;
  uint32_t local : 1 = 0;      // there is a LocalRoute
  uint32_t truncated : 1 = 0;  // maximum_paths cuts it
  PathList paths;
};
static_assert(sizeof(RibEntry) == 32);

using RibTable = PrefixMap<RibEntry>;
static_assert(sizeof(RibTable::Id) == sizeof(RouteId) && RibTable::kNone == kNoRouteId);

}  // namespace ecmpd::control
