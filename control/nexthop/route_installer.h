// The route installer: from Loc-RIB changes to groups and routes in the data plane.
//
// Each prefix has a home layout (LayoutRegistry) and, by its announced set, a group of it (Groups) that it shares with
// all prefixes that have the same two. What a flow meets is a function of layout and live members, never of the order
// of events. Routes name only groups that exist; a group goes after its last route. Control thread; time comes in as
// an argument and never goes back.
#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "control/nexthop/direct_routes.h"
#include "control/nexthop/forwarding.h"
#include "control/nexthop/groups.h"
#include "control/nexthop/held_routes.h"
#include "control/nexthop/layout_memory.h"
#include "control/nexthop/layout_record.h"
#include "control/nexthop/layout_registry.h"
#include "control/nexthop/nexthops.h"
#include "control/rib/loc_rib.h"
#include "control/rib/rib_table.h"

namespace ecmpd::control {

struct InstallerOptions {
  LayoutSettings layouts;
  LeadsNowhere nowhere{};
  dataplane::AdjacencyId blackhole{};  // where packets of discard routes go
  bool hold = true;                    // BGP routes wait for release()
};

struct InstallerCounters {
  size_t routes = 0;         // direct ones aside
  size_t not_installed = 0;  // no room in the FIB, or for another group
  size_t held = 0;
  size_t groups = 0;
  size_t layouts = 0;
  uint64_t set_route = 0;
  uint64_t remove_route = 0;
  GroupCounters group_changes;
};

/// One route for `show routes`.
struct RouteView {
  struct Nexthop {
    hash::IpAddress address;
    uint16_t weight = 1;
    bool live = false;
    bool resolving = false;                    // neither up nor down yet
    std::optional<dataplane::PortIndex> port;  // known once it has been resolved
  };
  hash::Prefix prefix;
  RouteSource source = RouteSource::kNone;
  bool installed = false;
  dataplane::GroupId group = dataplane::kNoRoute;
  LayoutId layout = kNoLayout;
  std::vector<Nexthop> nexthops;                           // empty for a direct route
  std::optional<dataplane::AdjacencyId> direct_adjacency;  // of a direct route
};

/// Which part of the route table is wanted. A page costs one look at every prefix, and a view for each route in it.
struct RoutePage {
  std::optional<hash::Prefix> after{};  // only prefixes that sort behind this one
  size_t limit = std::numeric_limits<size_t>::max();
  std::function<bool(dataplane::AdjacencyId)> shows_direct{};  // by its adjacency; empty: all direct routes
};

class RouteInstaller {
 public:
  /// `forwarding`, and `sets` and `table` of the RIB, outlive the installer. What a flush() of the RIB has changed is
  /// delivered before anything else is asked or told.
  RouteInstaller(InstallerOptions options, Forwarding& forwarding, NexthopSets& sets, const RibTable& table);
  ~RouteInstaller();
  RouteInstaller(const RouteInstaller&) = delete;
  RouteInstaller& operator=(const RouteInstaller&) = delete;

  /// A batch of the RIB: at most one change a prefix. Connected routes are the daemon's to install (set_direct_route).
  void apply(std::span<const RouteChange> changes, Time now);
  /// Ends the startup hold: installs what waited, as one batch.
  void release(Time now);
  bool held() const { return hold_; }

  /// Other settings from now on. With another selector, seed or number of buckets every group gets another table, and
  /// flows move; what layouts prefixes had is forgotten.
  void configure(const LayoutSettings& layouts, Time now);

  // Liveness, from the neighbor module.
  void nexthop_up(const hash::IpAddress& address, dataplane::AdjacencyId adjacency, dataplane::PortIndex port);
  void nexthop_down(const hash::IpAddress& address);
  /// The node has gone, and only it has named these: takes them out of all groups at once, ahead of the batch that says
  /// so prefix by prefix. Where nobody else is they stay, for what the batch may bring.
  void nexthops_leave(std::span<const hash::IpAddress> addresses);
  /// After that batch: ends it for all.
  void nexthops_stay();
  std::vector<hash::IpAddress> nexthops_in_use() const { return nexthops_.in_use(); }
  void on_nexthop_in_use(Nexthops::InUseCallback callback) { nexthops_.on_in_use(std::move(callback)); }
  /// True when every nexthop in use has been heard of; the hold waits for it.
  bool nexthops_settled() const { return nexthops_.settled(); }
  /// While held: true when every nexthop that was announced when the record was written is announced again.
  bool expected_are_back() const;

  // Direct routes. Subnets and own addresses go before any other route of the prefix, a neighbor's host route goes
  // behind them and behind static and BGP routes. False: no room, kept for later.
  bool set_direct_route(const hash::Prefix& prefix, dataplane::AdjacencyId adjacency);
  void remove_direct_route(const hash::Prefix& prefix);
  bool set_host_route(const hash::IpAddress& host, dataplane::AdjacencyId adjacency);
  void remove_host_route(const hash::IpAddress& host);

  /// Prefixes whose packets are dropped unless a longer prefix leads elsewhere; they replace those of the last call.
  /// Any other route of the very prefix goes before.
  void set_discard_routes(const std::set<hash::Prefix>& prefixes);

  /// Tries again what did not fit. After a removal it is done at once, but what that frees may be there only when a
  /// grace period has passed: to be called about once a second as well. Ends at the first route that does not fit.
  void retry_not_installed();
  /// About once a minute: strikes and forgets what has been away for forget_after.
  void expire(Time now);

  /// True when the prefix is in the FIB and packets find a live nexthop there: it may be announced to others.
  bool reachable(const hash::Prefix& prefix) const;
  /// Appends prefixes whose reachable() has changed since the last call other than by apply(), and perhaps more; with
  /// null they are only forgotten. A look at every route, if there are any.
  void take_flipped(std::vector<hash::Prefix>* flipped);
  /// Called when take_flipped() has something to tell.
  void on_flipped(std::function<void()> callback) { on_flipped_ = std::move(callback); }

  /// One of the two changes whenever record() does: the second for who is away, the first for the rest.
  uint64_t revision() const { return revision_; }
  uint64_t away_changes() const { return layouts_.away_changes(); }
  LayoutRecord record() const;
  /// Before the first apply(). Empty, or one line that says why the record (or a part of it) was ignored.
  std::string restore(const LayoutRecord& record, Time now);

  // Lookups.
  std::optional<RouteView> route(const hash::Prefix& prefix) const;
  std::vector<RouteView> routes(const RoutePage& page = {}) const;  // sorted by prefix
  /// The group of a prefix, direct routes aside; kNoRoute when it has none.
  dataplane::GroupId group_of(const hash::Prefix& prefix) const {
    const RouteId id = find(prefix);
    return id == kNoRouteId ? dataplane::kNoRoute : groups_.id(routes_[id].group);
  }
  std::optional<GroupView> group(dataplane::GroupId id) const;
  std::vector<GroupView> groups() const;  // sorted by id; direct routes' groups are not among them
  const hash::Home* home(LayoutId id) const;
  /// The port that a nexthop is at, once it has been resolved.
  std::optional<dataplane::PortIndex> nexthop_port(const hash::IpAddress& address) const;
  InstallerCounters counters() const;

 private:
  static constexpr Groups::Index kNoGroup = UINT32_MAX;
  struct Route {
    RouteSource source = RouteSource::kNone;
    bool installed : 1 = false;
    bool young : 1 = false;          // perhaps: since `since`, and only for `settle`
    Groups::Index group = kNoGroup;  // of a RouteId without a route
    Time since{};
  };
  static_assert(sizeof(Route) == 16);
  struct Move {
    RouteId route;
    LayoutId layout;
    NexthopSetId set;
  };

  void plan(const RouteChange& change, Time now);
  void plan_fresh(Time now);
  void swap_whole_groups(Time now);
  void execute(const Move& move);
  void finish(Time now);
  void remove(const RouteChange& change, Time now);
  void install(RouteId id);
  bool has_route(RouteId id) const { return id < routes_.size() && routes_[id].group != kNoGroup; }
  /// kNoRouteId when the prefix has no route, direct ones aside.
  RouteId find(const hash::Prefix& prefix) const {
    const RouteId id = table_.find(prefix);
    return id != kNoRouteId && has_route(id) ? id : kNoRouteId;
  }
  /// Calls visit(id, prefix) for each route.
  template <typename Visit>
  void for_each_route(Visit visit) const {
    table_.for_each([&](RouteId id, const RibEntry& entry) {
      if (has_route(id)) visit(id, entry.prefix);
    });
  }
  const DirectRoutes::Route* leading_direct(const hash::Prefix& prefix) const;
  void note_installed(const hash::Prefix& prefix, bool installed);
  void report_flipped() const;
  bool set_yielding_route(const hash::Prefix& prefix, dataplane::AdjacencyId adjacency);
  void remove_yielding_route(const hash::Prefix& prefix);
  RouteView view(RouteId id) const;
  RouteView view(const DirectRoutes::Route& route) const;

  InstallerOptions options_;
  Forwarding& forwarding_;
  NexthopSets& sets_;
  const RibTable& table_;
  LayoutRegistry layouts_;
  LayoutMemory memory_;
  Nexthops nexthops_;
  Groups groups_;
  HeldRoutes held_routes_;
  DirectRoutes direct_;
  std::set<hash::Prefix> discard_routes_;
  Chunks<Route> routes_;  // by RouteId
  size_t route_count_ = 0;
  bool hold_;

  // What the layouts said to the last change of the batch: the next one mostly asks the same.
  struct Way {
    LayoutId from = kNoLayout;
    NexthopSetId set = kNoNexthops;
    bool covered = false;
    LayoutId grown = kNoLayout;
  };
  Way last_way_;
  std::vector<Move> moves_;  // of the batch
  std::vector<Move> fresh_;  // of the batch, without a layout yet
  std::set<hash::Prefix> not_installed_;
  std::vector<hash::Prefix> found_room_;  // since take_flipped()
  std::function<void()> on_flipped_;
  bool made_room_ = false;              // in this batch
  std::set<hash::IpAddress> expected_;  // of the record, until release()
  uint64_t revision_ = 0;
  uint64_t set_route_ = 0;
  uint64_t remove_route_ = 0;
};

}  // namespace ecmpd::control
