#include "control/nexthop/direct_routes.h"

namespace ecmpd::control {

bool DirectRoutes::set(const hash::Prefix& prefix, dataplane::AdjacencyId adjacency) {
  return put(prefix, adjacency, false, false);
}

bool DirectRoutes::set_yielding(const hash::Prefix& prefix, dataplane::AdjacencyId adjacency, bool behind) {
  return put(prefix, adjacency, true, behind);
}

bool DirectRoutes::put(const hash::Prefix& prefix, dataplane::AdjacencyId adjacency, bool yields, bool behind) {
  const auto [id, fresh] = routes_.insert(prefix);
  Route& route = routes_[id];
  route.yields = yields;
  const dataplane::AdjacencyId old = route.adjacency;
  const bool another = fresh || old != adjacency;
  if (another) ++singles_[adjacency].routes;
  route.adjacency = adjacency;
  const bool installed = !behind && ((!another && route.installed) || install(route));
  if (another && !fresh) release(old);
  return installed;
}

void DirectRoutes::step_back(const hash::Prefix& prefix) {
  const Routes::Id id = routes_.find(prefix);
  if (id != routes_.kNone) routes_[id].installed = false;
}

void DirectRoutes::forget(const hash::Prefix& prefix) {
  const Routes::Id id = routes_.find(prefix);
  if (id == routes_.kNone) return;
  const dataplane::AdjacencyId adjacency = routes_[id].adjacency;
  routes_.erase(id);
  release(adjacency);
}

bool DirectRoutes::install(Route& route) {
  Single& single = singles_[route.adjacency];
  if (single.group == dataplane::kNoRoute) {
    single.group = forwarding_.create_group({.indexing = hash::Indexing::kLowBits, .buckets = {route.adjacency}});
  }
  const bool installed = single.group != dataplane::kNoRoute && forwarding_.set_route(route.prefix, single.group);
  if (!installed && route.installed) forwarding_.remove_route(route.prefix);  // its old group goes
  return route.installed = installed;
}

bool DirectRoutes::remove(const hash::Prefix& prefix, dataplane::GroupId fallback) {
  const Routes::Id id = routes_.find(prefix);
  if (id == routes_.kNone) return false;
  const Route route = routes_[id];
  const bool replaced = fallback != dataplane::kNoRoute && forwarding_.set_route(prefix, fallback);
  if (!replaced && route.installed) forwarding_.remove_route(prefix);
  routes_.erase(id);
  release(route.adjacency);
  return replaced;
}

bool DirectRoutes::retry(const hash::Prefix& prefix) {
  const Routes::Id id = routes_.find(prefix);
  return id != routes_.kNone && (routes_[id].installed || install(routes_[id]));
}

const DirectRoutes::Route* DirectRoutes::find(const hash::Prefix& prefix) const {
  const Routes::Id id = routes_.find(prefix);
  return id == routes_.kNone ? nullptr : &routes_[id];
}

dataplane::GroupId DirectRoutes::group(dataplane::AdjacencyId adjacency) const {
  const auto found = singles_.find(adjacency);
  return found == singles_.end() ? dataplane::kNoRoute : found->second.group;
}

void DirectRoutes::release(dataplane::AdjacencyId adjacency) {
  const auto found = singles_.find(adjacency);
  if (--found->second.routes > 0) return;
  if (found->second.group != dataplane::kNoRoute) forwarding_.destroy_group(found->second.group);
  singles_.erase(found);
}

}  // namespace ecmpd::control
