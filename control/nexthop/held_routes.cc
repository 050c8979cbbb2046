#include "control/nexthop/held_routes.h"

#include <algorithm>

namespace ecmpd::control {

void HeldRoutes::hold(const RouteChange& change) {
  if (++uses_[change.nexthops] == 1) {
    sets_.retain(change.nexthops);
    nexthops_.use(sets_.get(change.nexthops));
  }
  const auto [route, fresh] = routes_.try_emplace(change.prefix, change);
  if (!fresh) {
    release_set(route->second.nexthops);
    route->second = change;
  }
}

void HeldRoutes::forget(const hash::Prefix& prefix) {
  const auto found = routes_.find(prefix);
  if (found == routes_.end()) return;
  release_set(found->second.nexthops);
  routes_.erase(found);
}

std::vector<RouteChange> HeldRoutes::all() const {
  std::vector<RouteChange> changes;
  for (const auto& [prefix, change] : routes_) changes.push_back(change);
  std::sort(changes.begin(), changes.end(),
            [](const RouteChange& a, const RouteChange& b) { return a.prefix < b.prefix; });
  return changes;
}

void HeldRoutes::clear() {
  for (const auto& [prefix, change] : routes_) release_set(change.nexthops);
  routes_.clear();
}

void HeldRoutes::release_set(NexthopSetId set) {
  const auto found = uses_.find(set);
  if (--found->second > 0) return;
  uses_.erase(found);
  nexthops_.unuse(sets_.get(set));
  sets_.release(set);
}

}  // namespace ecmpd::control
