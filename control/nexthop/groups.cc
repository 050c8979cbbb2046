#include "control/nexthop/groups.h"

#include <xxhash.h>

#include <algorithm>
#include <cassert>

#include "hash/shares.h"

namespace ecmpd::control {

Groups::Index Groups::acquire(LayoutId layout, NexthopSetId set, uint32_t routes) {
  assert(set != kNoNexthops);             // which a free one has
  if (last_acquired_ < groups_.size()) {  // neighbors in a batch mostly go the same way
    Group& last = groups_[last_acquired_];
    if (last.set == set && last.layout == layout) {
      last.routes += routes;
      return last_acquired_;
    }
  }
  const auto [found, fresh] = by_key_.try_emplace(key(layout, set));
  if (fresh) {
    if (free_.empty()) {
      found->second = static_cast<Index>(groups_.size());
      groups_.emplace_back();
    } else {
      found->second = free_.back();
      free_.pop_back();
    }
    groups_[found->second] = {.layout = layout, .set = set};
    enter(found->second);
    publish(found->second);
  }
  groups_[found->second].routes += routes;
  return last_acquired_ = found->second;
}

void Groups::release(Index group, uint32_t routes) {
  assert(groups_[group].routes >= routes);
  groups_[group].routes -= routes;
  if (groups_[group].routes == 0) unused_.push_back(group);
}

void Groups::rekey(Index index, LayoutId layout, NexthopSetId set, Time now) {
  Group& group = groups_[index];
  assert(!contains(layout, set));
  const LayoutId old_layout = group.layout;
  const NexthopSetId old_set = group.set;
  by_key_.erase(key(old_layout, old_set));
  by_key_.emplace(key(layout, set), index);
  // In before out, so that nexthops which stay are not reported as unused in between.
  const NexthopSet old_members = sets_.get(old_set);
  group.layout = layout;
  group.set = set;
  enter(index);
  nexthops_.remove_group(old_members, index);
  nexthops_.unuse(old_members);
  if (old_layout != kNoLayout) layouts_.withdrawn(old_layout, old_members, now);
  sets_.release(old_set);
  publish(index);
}

void Groups::enter(Index index) {
  const Group& group = groups_[index];
  sets_.retain(group.set);
  const NexthopSet& set = sets_.get(group.set);
  nexthops_.use(set);
  nexthops_.add_group(set, index);
  if (group.layout != kNoLayout) layouts_.announced(group.layout, set);
}

void Groups::leave(Index index, Time now) {
  const Group& group = groups_[index];
  const NexthopSet& set = sets_.get(group.set);
  nexthops_.remove_group(set, index);
  nexthops_.unuse(set);
  if (group.layout != kNoLayout) layouts_.withdrawn(group.layout, set, now);
  sets_.release(group.set);
}

void Groups::collect(Time now) {
  for (Index index : unused_) {
    Group& group = groups_[index];
    if (group.set == kNoNexthops || group.routes > 0) continue;
    by_key_.erase(key(group.layout, group.set));
    leave(index, now);
    if (group.id != dataplane::kNoRoute) {
      forwarding_.destroy_group(group.id);
      ++counters_.destroyed;
    }
    group = {};
    free_.push_back(index);
  }
  unused_.clear();
}

dataplane::GroupId Groups::ensure(Index group) {
  if (groups_[group].id == dataplane::kNoRoute) publish(group);
  return groups_[group].id;
}

void Groups::settings_changed() {
  for (const auto& [key, group] : by_key_) publish(group);
}

void Groups::nexthops_changed(std::span<const hash::IpAddress> addresses) {
  std::vector<Index> changed;
  for (const hash::IpAddress& address : addresses) {
    const Nexthops::Nexthop* nexthop = nexthops_.find(address);
    if (nexthop != nullptr) changed.insert(changed.end(), nexthop->groups.begin(), nexthop->groups.end());
  }
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  for (Index group : changed) publish(group);
}

void Groups::publish(Index index) {
  Group& group = groups_[index];
  const GroupView now = table_of(index);
  const bool alive = std::find(now.live.begin(), now.live.end(), true) != now.live.end();
  // Of a new group nobody has to be told: its routes come now.
  if (std::exchange(group.alive, alive) != alive && group.routes > 0) flipped_.push_back(index);
  const GroupTable bytes = table(now);
  const uint64_t fingerprint =
      XXH3_64bits_withSeed(bytes.buckets.data(), bytes.buckets.size() * sizeof bytes.buckets[0],
                           bytes.buckets.size() | static_cast<uint64_t>(bytes.indexing) << 32);
  if (group.id == dataplane::kNoRoute) {
    group.id = forwarding_.create_group(bytes);
    ++(group.id == dataplane::kNoRoute ? counters_.no_room : counters_.created);
  } else if (fingerprint != group.published) {
    forwarding_.replace_group(group.id, bytes);
    ++counters_.replaced;
  }
  group.published = fingerprint;
}

GroupView Groups::view(Index index) const {
  GroupView view = table_of(index);
  if (view.table.owners.empty()) return view;
  std::vector<hash::Member> shares = view.members;
  for (size_t i = 0; i < shares.size(); ++i) {
    if (!view.live[i]) shares[i].weight = 0;
  }
  view.worst_deviation = hash::worst_deviation(view.table.owners, shares);
  return view;
}

/// All but the deviation, which only those who look want: 64 groups with it took 1.0 ms, without it 0.7
/// (bench/bgp_latency).
GroupView Groups::table_of(Index index) const {
  const Group& group = groups_[index];
  const NexthopSet& set = sets_.get(group.set);
  GroupView view;
  view.id = group.id;
  view.layout = group.layout;
  view.selector = layouts_.settings().selector;
  view.routes = group.routes;
  if (group.layout == kNoLayout) {
    view.members = set;
  } else {
    const auto members = layouts_.get(group.layout).members();
    view.members.assign(members.begin(), members.end());
  }
  const size_t count = view.members.size();
  view.announced.assign(count, false);
  view.live.assign(count, false);
  size_t in_set = 0;  // both are sorted by address
  bool any = false;
  bool any_stays = false;
  std::vector<bool> leaving(count);
  for (size_t i = 0; i < count; ++i) {
    if (in_set == set.size() || set[in_set].address != view.members[i].address) continue;
    ++in_set;
    view.announced[i] = true;
    const Nexthops::Nexthop* nexthop = nexthops_.find(view.members[i].address);
    view.live[i] = nexthop != nullptr && nexthop->up;
    view.resolving |= nexthop != nullptr && !nexthop->answered;
    leaving[i] = view.live[i] && nexthop->leaving;
    any |= view.live[i];
    any_stays |= view.live[i] && !leaving[i];
  }
  assert(in_set == set.size());
  for (size_t i = 0; any_stays && i < count; ++i) {
    if (leaving[i]) view.live[i] = false;
  }
  if (!any) return view;

  view.table = group.layout != kNoLayout ? layouts_.get(group.layout).table(view.live) : live_table(view);
  return view;
}

/// Of a selector that needs no home.
hash::BucketTable Groups::live_table(const GroupView& view) const {
  std::vector<hash::Member> live;
  std::vector<uint16_t> indexes;
  for (size_t i = 0; i < view.members.size(); ++i) {
    if (!view.live[i]) continue;
    live.push_back(view.members[i]);
    indexes.push_back(static_cast<uint16_t>(i));
  }
  const LayoutSettings& settings = layouts_.settings();
  hash::BucketTable table = hash::live_table(settings.selector, live, settings.buckets, settings.seed);
  for (uint16_t& owner : table.owners) owner = indexes[owner];
  return table;
}

GroupTable Groups::table(const GroupView& view) const {
  GroupTable table{.indexing = view.table.indexing, .buckets = {}};
  const auto alive = std::count(view.live.begin(), view.live.end(), true);
  if (alive <= 1) {  // every bucket would be the same: one does
    dataplane::AdjacencyId only = view.resolving ? nowhere_.resolving : nowhere_.unresolved;
    if (alive == 1) only = *nexthops_.resolved(view.members[view.table.owners[0]].address);
    table.buckets.push_back(only);
    return table;
  }
  std::vector<dataplane::AdjacencyId> adjacencies(view.members.size(), nowhere_.unresolved);
  for (size_t i = 0; i < adjacencies.size(); ++i) {
    if (view.live[i]) adjacencies[i] = *nexthops_.resolved(view.members[i].address);
  }
  table.buckets.reserve(view.table.owners.size());
  for (uint16_t owner : view.table.owners) table.buckets.push_back(adjacencies[owner]);
  return table;
}

}  // namespace ecmpd::control
