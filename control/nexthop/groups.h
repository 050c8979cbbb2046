// Nexthop groups: one for each (home layout, announced set), shared by every prefix that has both.
//
// A group's table is a function of its layout (if the selector needs one) and of its live members, those that are
// announced and resolved. When a
// nexthop comes or goes, the groups that contain it are swapped, one store each; no route is touched, however many
// there are. A group with nobody alive has one bucket, one of LeadsNowhere. Control thread.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "control/nexthop/forwarding.h"
#include "control/nexthop/layout_registry.h"
#include "control/nexthop/nexthops.h"
#include "control/rib/nexthop_set.h"

namespace ecmpd::control {

struct GroupCounters {
  uint64_t created = 0;
  uint64_t replaced = 0;
  uint64_t destroyed = 0;
  uint64_t no_room = 0;  // times that a group could not be created
};

/// A group as `show group ID` and explain see it.
struct GroupView {
  dataplane::GroupId id = dataplane::kNoRoute;
  LayoutId layout = kNoLayout;  // none with a selector that needs no home
  hash::Selector selector = hash::Selector::kResilient;
  uint32_t routes = 0;
  std::vector<hash::Member> members;  // of the layout, or announced ones without one; sorted by address
  std::vector<bool> announced;        // by member
  std::vector<bool> live;             // by member
  bool resolving = false;             // an announced one has been neither up nor down yet
  hash::BucketTable table;            // owners are indexes into members; empty when nobody is alive
  double worst_deviation = 0;         // from the exact shares of the live members
};

/// Where packets go while no nexthop of a group is alive.
struct LeadsNowhere {
  dataplane::AdjacencyId resolving{};   // one of them has not been heard of yet: nobody is told that there is no way
  dataplane::AdjacencyId unresolved{};  // none answers
};

class Groups {
 public:
  using Index = uint32_t;

  Groups(const LeadsNowhere& nowhere, Forwarding& forwarding, NexthopSets& sets, LayoutRegistry& layouts,
         Nexthops& nexthops)
      : nowhere_(nowhere), forwarding_(forwarding), sets_(sets), layouts_(layouts), nexthops_(nexthops) {}

  /// The group for (layout, set) with `routes` more routes; made, if there is none. Announced nexthops are members of
  /// the layout.
  Index acquire(LayoutId layout, NexthopSetId set, uint32_t routes = 1);
  void release(Index group, uint32_t routes = 1);
  /// True when there is a group for (layout, set).
  bool contains(LayoutId layout, NexthopSetId set) const { return by_key_.contains(key(layout, set)); }
  /// All routes of `group` go over to (layout, set), for which there is no group yet: one swap instead.
  void rekey(Index group, LayoutId layout, NexthopSetId set, Time now);
  /// Destroys groups without routes.
  void collect(Time now);

  /// kNoRoute while there is no room for it in the data plane; tries again.
  dataplane::GroupId ensure(Index group);
  dataplane::GroupId id(Index group) const { return groups_[group].id; }
  LayoutId layout(Index group) const { return groups_[group].layout; }
  NexthopSetId set(Index group) const { return groups_[group].set; }
  uint32_t routes(Index group) const { return groups_[group].routes; }
  /// True while a member is live: packets find their way.
  bool alive(Index group) const { return groups_[group].alive; }
  /// Groups with routes whose alive() has changed since the last call; one may be there twice, or gone by now.
  std::vector<Index> take_flipped() { return std::exchange(flipped_, {}); }
  bool any_flipped() const { return !flipped_.empty(); }

  /// The settings of the layouts have changed: tables that follow from them are built anew.
  void settings_changed();
  /// These came up, went down, began or ceased to leave, or have another adjacency: each of their groups is built once.
  void nexthops_changed(std::span<const hash::IpAddress> addresses);

  size_t size() const { return by_key_.size(); }
  const GroupCounters& counters() const { return counters_; }
  GroupView view(Index group) const;
  template <typename Visit>
  void for_each(Visit visit) const {
    for (const auto& [key, group] : by_key_) visit(group);
  }

 private:
  struct Group {
    dataplane::GroupId id = dataplane::kNoRoute;
    LayoutId layout = kNoLayout;
    NexthopSetId set = kNoNexthops;
    uint32_t routes = 0;
    bool alive = false;
    uint64_t published = 0;  // fingerprint of the table, so that an equal one is not published again
  };
  static uint64_t key(LayoutId layout, NexthopSetId set) { return uint64_t{static_cast<uint32_t>(layout)} << 32 | set; }

  GroupView table_of(Index group) const;
  void enter(Index group);
  void leave(Index group, Time now);
  void publish(Index group);
  hash::BucketTable live_table(const GroupView& view) const;
  GroupTable table(const GroupView& view) const;

  LeadsNowhere nowhere_;
  Forwarding& forwarding_;
  NexthopSets& sets_;
  LayoutRegistry& layouts_;
  Nexthops& nexthops_;

  std::vector<Group> groups_;
  std::vector<Index> free_;
  std::vector<Index> unused_;  // perhaps: looked at by collect()
  std::vector<Index> flipped_;
  std::unordered_map<uint64_t, Index> by_key_;
  Index last_acquired_ = 0;
  GroupCounters counters_;
};

}  // namespace ecmpd::control
