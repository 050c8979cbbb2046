// How a batch becomes moves between groups, and moves become as few stores in the data plane as there can be.
#include "control/nexthop/route_installer.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "control/log.h"
#include "control/rib/scratch.h"

namespace ecmpd::control {

RouteInstaller::RouteInstaller(InstallerOptions options, Forwarding& forwarding, NexthopSets& sets,
                               const RibTable& table)
    : options_(options),
      forwarding_(forwarding),
      sets_(sets),
      table_(table),
      layouts_(options.layouts),
      memory_(layouts_),
      groups_(options.nowhere, forwarding, sets, layouts_, nexthops_),
      held_routes_(sets, nexthops_),
      direct_(forwarding),
      hold_(options.hold) {}

RouteInstaller::~RouteInstaller() { held_routes_.clear(); }

void RouteInstaller::apply(std::span<const RouteChange> changes, Time now) {
  last_way_ = {};
  for (size_t i = 0; i < changes.size(); ++i) {
    const RouteChange& change = changes[i];
    if (change.source == RouteSource::kNone || change.source == RouteSource::kConnected) {
      if (hold_) held_routes_.forget(change.prefix);
      remove(change, now);
    } else if (hold_ && change.source == RouteSource::kBgp && !has_route(change.id)) {
      held_routes_.hold(change);
    } else {
      if (hold_) held_routes_.forget(change.prefix);
      plan(change, now);
    }
  }
  plan_fresh(now);
  swap_whole_groups(now);
  for (size_t i = 0; i < moves_.size(); ++i) {
    if (i + kPrefetchAhead < moves_.size()) {
      table_.prefetch(moves_[i + kPrefetchAhead].route);
      routes_.prefetch(moves_[i + kPrefetchAhead].route);
    }
    execute(moves_[i]);
  }
  finish(now);
}

void RouteInstaller::release(Time now) {
  if (!hold_) return;
  hold_ = false;
  expected_.clear();
  apply(held_routes_.all(), now);
}

void RouteInstaller::configure(const LayoutSettings& layouts, Time now) {
  const LayoutSettings& old = options_.layouts;
  const bool others = layouts.selector != old.selector || layouts.seed != old.seed || layouts.buckets != old.buckets;
  options_.layouts = layouts;
  layouts_.configure(layouts);
  if (!others) return;
  memory_.clear();
  for_each_route([this](RouteId id, const hash::Prefix&) {
    const Groups::Index group = routes_[id].group;
    const LayoutId from = groups_.layout(group);
    if (from != kNoLayout) layouts_.remove_user(from);
    auto& moves = hash::needs_home(options_.layouts.selector) ? fresh_ : moves_;
    moves.push_back({id, kNoLayout, groups_.set(group)});
  });
  ++revision_;
  plan_fresh(now);
  swap_whole_groups(now);
  for (const Move& move : moves_) execute(move);
  groups_.settings_changed();  // a selector without layouts leaves the groups what they are
  finish(now);
}

/// Which layout the prefix gets, by what it had. Users of layouts are counted here, so that choices within a batch see
/// each other.
void RouteInstaller::plan(const RouteChange& change, Time now) {
  const RouteId id = change.id;
  routes_.reach(id);
  Route& route = routes_[id];
  const bool is_new = route.group == kNoGroup;
  route_count_ += is_new;
  route.source = change.source;
  if (!hash::needs_home(options_.layouts.selector)) {
    moves_.push_back({id, kNoLayout, change.nexthops});
    return;
  }
  const LayoutId from = is_new ? memory_.take(change.prefix) : groups_.layout(route.group);
  const NexthopSet& set = sets_.get(change.nexthops);
  if (from != last_way_.from || change.nexthops != last_way_.set) {
    last_way_ = {from, change.nexthops, from != kNoLayout && layouts_.covers(from, set), kNoLayout};
  }
  if (last_way_.covered) {
    moves_.push_back({id, from, change.nexthops});
    return;
  }
  const bool young = route.young && now - route.since < options_.layouts.settle;
  if (from == kNoLayout || young || layouts_.disjoint(from, set)) {
    // Nothing to keep: a new service (or one whose nodes are all others now), or one so young that its nodes are still
    // announcing it one after the other, in an order that must not matter.
    if (from != kNoLayout) layouts_.remove_user(from);
    if (!young) {
      route.young = true;
      route.since = now;
    }
    fresh_.push_back({id, kNoLayout, change.nexthops});
    ++revision_;
    return;
  }
  if (last_way_.grown == kNoLayout) last_way_.grown = layouts_.grow(from, set, now);
  layouts_.add_users(last_way_.grown);
  layouts_.remove_user(from);
  ++revision_;
  moves_.push_back({id, last_way_.grown, change.nexthops});
}

/// Layouts for prefixes without a past: larger sets first, so that a batch comes out the same in any order and small
/// sets find the layouts of the large ones.
void RouteInstaller::plan_fresh(Time now) {
  const auto before = [this](const Move& a, const Move& b) {
    if (a.set == b.set) return a.route < b.route;
    const NexthopSet& x = sets_.get(a.set);
    const NexthopSet& y = sets_.get(b.set);
    return x.size() != y.size() ? x.size() > y.size() : x < y;
  };
  // One set and new ids, as when a node sends its table: nothing to sort.
  if (!std::is_sorted(fresh_.begin(), fresh_.end(), before)) std::sort(fresh_.begin(), fresh_.end(), before);
  for (size_t begin = 0; begin < fresh_.size();) {
    size_t end = begin;
    while (end < fresh_.size() && fresh_[end].set == fresh_[begin].set) ++end;
    const LayoutId layout = layouts_.choose(sets_.get(fresh_[begin].set), now);
    layouts_.add_users(layout, static_cast<uint32_t>(end - begin));
    for (; begin < end; ++begin) moves_.push_back({fresh_[begin].route, layout, fresh_[begin].set});
  }
  clear_scratch(fresh_);
}

/// Where every route of a group goes the same way, as when a node's session ends, the group is swapped instead of its
/// routes being set: one store, not a million.
void RouteInstaller::swap_whole_groups(Time now) {
  std::map<std::tuple<Groups::Index, LayoutId, NexthopSetId>, uint32_t> counts;
  auto last = counts.end();  // neighbors in a batch mostly go the same way
  for (const Move& move : moves_) {
    const Groups::Index group = routes_[move.route].group;
    if (group == kNoGroup) continue;
    const std::tuple way(group, move.layout, move.set);
    if (last == counts.end() || last->first != way) last = counts.try_emplace(way, 0).first;
    ++last->second;
  }
  std::vector<std::pair<uint32_t, std::tuple<Groups::Index, LayoutId, NexthopSetId>>> whole;
  for (const auto& [way, count] : counts) {
    if (count == groups_.routes(std::get<0>(way))) whole.emplace_back(count, way);
  }
  // Where several groups become one, the largest is swapped and the routes of the others follow.
  std::stable_sort(whole.begin(), whole.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [count, way] : whole) {
    const auto& [group, layout, set] = way;
    if (!groups_.contains(layout, set)) groups_.rekey(group, layout, set, now);
  }
}

void RouteInstaller::execute(const Move& move) {
  Route& route = routes_[move.route];
  const Groups::Index old = route.group;
  if (old != kNoGroup && groups_.layout(old) == move.layout && groups_.set(old) == move.set) {
    if (!route.installed) install(move.route);
    return;
  }
  route.group = groups_.acquire(move.layout, move.set);
  install(move.route);
  if (old != kNoGroup) groups_.release(old);
}

void RouteInstaller::finish(Time now) {
  clear_scratch(moves_);
  if (!hold_) held_routes_.clear();  // after release() has installed them: their nexthops were in use all the time
  const uint64_t destroyed = groups_.counters().destroyed;
  groups_.collect(now);
  made_room_ |= groups_.counters().destroyed != destroyed;
  layouts_.collect();
  if (std::exchange(made_room_, false)) retry_not_installed();
}

void RouteInstaller::remove(const RouteChange& change, Time now) {
  if (!has_route(change.id)) return;
  Route& route = routes_[change.id];
  const hash::Prefix& prefix = change.prefix;
  const bool has_direct = direct_.find(prefix) != nullptr;
  if (route.installed) {
    const bool host_again = has_direct && direct_.retry(prefix);  // a host's route was behind this one
    if (!host_again) forwarding_.remove_route(prefix);
    if (has_direct) note_installed(prefix, host_again);
    ++remove_route_;
    made_room_ = true;
  }
  if (!has_direct) not_installed_.erase(prefix);
  const LayoutId layout = groups_.layout(route.group);
  groups_.release(route.group);
  if (layout != kNoLayout) {
    const size_t remembered = memory_.size();
    // A layout of one member has nothing to come back to.
    if (layouts_.get(layout).members().size() > 1) memory_.remember(prefix, layout, now);
    layouts_.remove_user(layout);
    // The record names remembered prefixes too, so it changes only if this one (or an older one) is forgotten.
    if (memory_.size() != remembered + 1) ++revision_;
  }
  route = {};
  --route_count_;
}

/// The direct route that the prefix leads to; null when there is none, or only a host's behind another route.
const DirectRoutes::Route* RouteInstaller::leading_direct(const hash::Prefix& prefix) const {
  const DirectRoutes::Route* direct = direct_.find(prefix);
  return direct != nullptr && direct->yields && find(prefix) != kNoRouteId ? nullptr : direct;
}

/// Sets the route to its group, unless a direct route is before it.
void RouteInstaller::install(RouteId id) {
  Route& route = routes_[id];
  const hash::Prefix& prefix = table_[id].prefix;
  const DirectRoutes::Route* const direct = direct_.find(prefix);
  if (direct != nullptr && !direct->yields) {
    route.installed = false;
    return;
  }
  const dataplane::GroupId group = groups_.ensure(route.group);
  const bool installed = group != dataplane::kNoRoute && forwarding_.set_route(prefix, group);
  ++set_route_;
  if (installed && direct != nullptr) direct_.step_back(prefix);
  if (!installed && route.installed) forwarding_.remove_route(prefix);  // its old group goes
  route.installed = installed;
  note_installed(prefix, installed);
}

void RouteInstaller::note_installed(const hash::Prefix& prefix, bool installed) {
  if (installed) {
    if (!not_installed_.empty() && not_installed_.erase(prefix) > 0) found_room_.push_back(prefix);
    return;
  }
  if (not_installed_.empty())
    log::error("fib", "{}: not installed (FIB full); further ones are only counted", prefix.to_string());
  not_installed_.insert(prefix);
}

void RouteInstaller::retry_not_installed() {
  while (!not_installed_.empty()) {
    const hash::Prefix prefix = *not_installed_.begin();
    if (leading_direct(prefix) != nullptr) {
      if (!direct_.retry(prefix)) break;
      not_installed_.erase(prefix);
      continue;
    }
    const RouteId id = find(prefix);
    install(id);
    if (!routes_[id].installed) break;
  }
  report_flipped();
}

void RouteInstaller::report_flipped() const {
  if (on_flipped_ && (groups_.any_flipped() || !found_room_.empty())) on_flipped_();
}

void RouteInstaller::nexthop_up(const hash::IpAddress& address, dataplane::AdjacencyId adjacency,
                                dataplane::PortIndex port) {
  if (nexthops_.up(address, adjacency, port)) groups_.nexthops_changed({&address, 1});
  report_flipped();
}

void RouteInstaller::nexthop_down(const hash::IpAddress& address) {
  if (nexthops_.down(address)) groups_.nexthops_changed({&address, 1});
  report_flipped();
}

void RouteInstaller::nexthops_leave(std::span<const hash::IpAddress> addresses) {
  for (const hash::IpAddress& address : addresses) nexthops_.leave(address);
  groups_.nexthops_changed(addresses);
}

void RouteInstaller::nexthops_stay() { groups_.nexthops_changed(nexthops_.stay_all()); }

bool RouteInstaller::set_direct_route(const hash::Prefix& prefix, dataplane::AdjacencyId adjacency) {
  const bool installed = direct_.set(prefix, adjacency);
  const RouteId id = find(prefix);
  if (id != kNoRouteId && routes_[id].installed) {
    routes_[id].installed = false;  // it is behind the direct route now
    if (!installed) forwarding_.remove_route(prefix);
  }
  note_installed(prefix, installed);
  return installed;
}

void RouteInstaller::remove_direct_route(const hash::Prefix& prefix) {
  if (direct_.find(prefix) == nullptr) return;
  const RouteId id = find(prefix);
  const dataplane::GroupId fallback = id == kNoRouteId ? dataplane::kNoRoute : groups_.ensure(routes_[id].group);
  const bool replaced = direct_.remove(prefix, fallback);
  not_installed_.erase(prefix);
  if (id != kNoRouteId) {
    routes_[id].installed = replaced;
    note_installed(prefix, replaced);
  }
  retry_not_installed();
}

bool RouteInstaller::set_host_route(const hash::IpAddress& host, dataplane::AdjacencyId adjacency) {
  return set_yielding_route({host, host.bits()}, adjacency);
}

void RouteInstaller::remove_host_route(const hash::IpAddress& host) {
  const hash::Prefix prefix(host, host.bits());
  remove_yielding_route(prefix);
  if (discard_routes_.contains(prefix)) set_yielding_route(prefix, options_.blackhole);  // it was before that one
}

bool RouteInstaller::set_yielding_route(const hash::Prefix& prefix, dataplane::AdjacencyId adjacency) {
  // Whoever claims one of our own addresses does not get it.
  if (const auto* direct = direct_.find(prefix); direct != nullptr && !direct->yields) return true;
  const RouteId id = find(prefix);
  const bool behind = id != kNoRouteId && routes_[id].installed;
  const bool installed = direct_.set_yielding(prefix, adjacency, behind);
  if (id == kNoRouteId) note_installed(prefix, installed);
  return installed || behind;
}

void RouteInstaller::remove_yielding_route(const hash::Prefix& prefix) {
  const DirectRoutes::Route* direct = direct_.find(prefix);
  if (direct == nullptr || !direct->yields) return;
  const RouteId id = find(prefix);
  if (id != kNoRouteId && routes_[id].installed) return direct_.forget(prefix);
  remove_direct_route(prefix);
}

void RouteInstaller::set_discard_routes(const std::set<hash::Prefix>& prefixes) {
  if (prefixes == discard_routes_) return;
  for (const hash::Prefix& prefix : discard_routes_) {
    const DirectRoutes::Route* direct = direct_.find(prefix);
    // It may be a neighbor's by now: an "aggregate" of one host.
    const bool ours = direct != nullptr && direct->adjacency == options_.blackhole;
    if (ours && !prefixes.contains(prefix)) remove_yielding_route(prefix);
  }
  for (const hash::Prefix& prefix : prefixes) {
    if (direct_.find(prefix) == nullptr) set_yielding_route(prefix, options_.blackhole);
  }
  discard_routes_ = prefixes;
}

void RouteInstaller::expire(Time now) {
  const size_t remembered = memory_.size();
  memory_.expire(now - options_.layouts.forget_after);
  const bool struck = layouts_.expire(now);
  layouts_.collect();
  if (struck || memory_.size() != remembered) ++revision_;
}

}  // namespace ecmpd::control
