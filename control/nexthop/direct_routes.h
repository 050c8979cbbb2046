// Direct routes: prefixes that lead to one adjacency. Connected subnets (glean), our own addresses, resolved hosts,
// discard routes.
//
// Subnets and own addresses go before anything that BGP or the configuration says about the same prefix, hosts and
// discard routes behind it: those yield. Prefixes with one adjacency share a group of one bucket. Control thread.
#pragma once

#include <map>

#include "control/nexthop/forwarding.h"
#include "control/rib/prefix_map.h"
#include "dataplane/ids.h"
#include "hash/address.h"

namespace ecmpd::control {

class DirectRoutes {
 public:
  struct Route {
    hash::Prefix prefix;
    dataplane::AdjacencyId adjacency{};
    bool installed = false;  // false: no room in the FIB, or another route goes before it
    bool yields = false;     // a host's, or a discard route
  };

  explicit DirectRoutes(Forwarding& forwarding) : forwarding_(forwarding) {}

  /// Adds or replaces. False: not installed for lack of room; it is kept, for retry().
  bool set(const hash::Prefix& prefix, dataplane::AdjacencyId adjacency);
  /// The same for one that yields; not installed when it is `behind` another route.
  bool set_yielding(const hash::Prefix& prefix, dataplane::AdjacencyId adjacency, bool behind);
  /// Another route has taken its place in the FIB.
  void step_back(const hash::Prefix& prefix);
  /// Takes out a route that is not in the FIB.
  void forget(const hash::Prefix& prefix);
  /// Takes the route out. `fallback` is the group that the prefix has from now on; kNoRoute removes it from the FIB.
  /// Returns whether the fallback is installed.
  bool remove(const hash::Prefix& prefix, dataplane::GroupId fallback);
  bool retry(const hash::Prefix& prefix);

  const Route* find(const hash::Prefix& prefix) const;
  /// Calls visit(route) for each.
  template <typename Visit>
  void for_each(Visit visit) const {
    routes_.for_each([&](Routes::Id, const Route& route) { visit(route); });
  }
  /// The shared group of an adjacency that has direct routes.
  dataplane::GroupId group(dataplane::AdjacencyId adjacency) const;

 private:
  struct Single {
    dataplane::GroupId group = dataplane::kNoRoute;
    uint32_t routes = 0;
  };
  using Routes = PrefixMap<Route>;
  bool put(const hash::Prefix& prefix, dataplane::AdjacencyId adjacency, bool yields, bool behind);
  bool install(Route& route);
  void release(dataplane::AdjacencyId adjacency);

  Forwarding& forwarding_;
  Routes routes_;  // asked for every other route
  std::map<dataplane::AdjacencyId, Single> singles_;
};

}  // namespace ecmpd::control
