// Routes that wait for the end of the startup hold: the last change of each prefix.
//
// Their nexthops count as in use, so that they are resolved by the time that the routes are installed. Control thread.
#pragma once

#include <unordered_map>
#include <vector>

#include "control/nexthop/nexthops.h"
#include "control/rib/loc_rib.h"
#include "control/rib/nexthop_set.h"

namespace ecmpd::control {

class HeldRoutes {
 public:
  HeldRoutes(NexthopSets& sets, Nexthops& nexthops) : sets_(sets), nexthops_(nexthops) {}

  void hold(const RouteChange& change);
  void forget(const hash::Prefix& prefix);
  size_t size() const { return routes_.size(); }
  /// Sorted by prefix. The sets stay valid until clear().
  std::vector<RouteChange> all() const;
  void clear();

 private:
  void release_set(NexthopSetId set);

  NexthopSets& sets_;
  Nexthops& nexthops_;
  std::unordered_map<hash::Prefix, RouteChange> routes_;
  std::unordered_map<NexthopSetId, uint32_t> uses_;  // how many routes have the set
};

}  // namespace ecmpd::control
