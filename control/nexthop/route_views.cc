// What the installer shows, and what it records for the next start.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "control/nexthop/route_installer.h"

namespace ecmpd::control {

RouteView RouteInstaller::view(RouteId id) const {
  const Route& route = routes_[id];
  RouteView view{.prefix = table_[id].prefix,
                 .source = route.source,
                 .installed = route.installed,
                 .group = groups_.id(route.group),
                 .layout = groups_.layout(route.group),
                 .nexthops = {},
                 .direct_adjacency = std::nullopt};
  for (const hash::Member& member : sets_.get(groups_.set(route.group))) {
    RouteView::Nexthop nexthop{.address = member.address, .weight = member.weight, .port = std::nullopt};
    if (const Nexthops::Nexthop* known = nexthops_.find(member.address); known != nullptr) {
      nexthop.live = known->up;
      nexthop.resolving = !known->answered;
      if (known->resolved_once) nexthop.port = known->port;
    }
    view.nexthops.push_back(nexthop);
  }
  return view;
}

RouteView RouteInstaller::view(const DirectRoutes::Route& route) const {
  return {.prefix = route.prefix,
          .source = RouteSource::kConnected,
          .installed = route.installed,
          .group = direct_.group(route.adjacency),
          .layout = kNoLayout,
          .nexthops = {},
          .direct_adjacency = route.adjacency};
}

bool RouteInstaller::reachable(const hash::Prefix& prefix) const {
  const RouteId id = find(prefix);
  if (id == kNoRouteId || !groups_.alive(routes_[id].group)) return false;
  return not_installed_.empty() || !not_installed_.contains(prefix);
}

void RouteInstaller::take_flipped(std::vector<hash::Prefix>* flipped) {
  const std::vector<Groups::Index> groups = groups_.take_flipped();
  const std::vector<hash::Prefix> found_room = std::exchange(found_room_, {});
  if (flipped == nullptr) return;
  flipped->insert(flipped->end(), found_room.begin(), found_room.end());
  if (groups.empty()) return;
  const std::set<Groups::Index> wanted(groups.begin(), groups.end());
  for_each_route([&](RouteId id, const hash::Prefix& prefix) {
    if (wanted.contains(routes_[id].group)) flipped->push_back(prefix);
  });
}

std::optional<dataplane::PortIndex> RouteInstaller::nexthop_port(const hash::IpAddress& address) const {
  const Nexthops::Nexthop* known = nexthops_.find(address);
  return known != nullptr && known->resolved_once ? std::optional(known->port) : std::nullopt;
}

std::optional<RouteView> RouteInstaller::route(const hash::Prefix& prefix) const {
  if (const DirectRoutes::Route* direct = leading_direct(prefix); direct != nullptr) return view(*direct);
  const RouteId id = find(prefix);
  if (id == kNoRouteId) return std::nullopt;
  return view(id);
}

std::vector<RouteView> RouteInstaller::routes(const RoutePage& page) const {
  // A heap of the smallest prefixes seen so far, the largest of them in front: sorting a million for each page would
  // keep the control thread from its sessions.
  std::vector<hash::Prefix> chosen;
  const auto too_late = [&](const hash::Prefix& prefix) {
    return (page.after && prefix <= *page.after) || (chosen.size() >= page.limit && chosen.front() < prefix);
  };
  const auto choose = [&](const hash::Prefix& prefix) {
    chosen.push_back(prefix);
    std::push_heap(chosen.begin(), chosen.end());
    if (chosen.size() <= page.limit) return;
    std::pop_heap(chosen.begin(), chosen.end());
    chosen.pop_back();
  };
  if (page.limit == 0) return {};
  direct_.for_each([&](const DirectRoutes::Route& route) {
    const bool shown = !page.shows_direct || page.shows_direct(route.adjacency);
    if (!too_late(route.prefix) && shown && leading_direct(route.prefix) != nullptr) choose(route.prefix);
  });
  for_each_route([&](RouteId, const hash::Prefix& prefix) {
    if (!too_late(prefix) && leading_direct(prefix) == nullptr) choose(prefix);
  });
  std::sort_heap(chosen.begin(), chosen.end());
  std::vector<RouteView> views;
  views.reserve(chosen.size());
  for (const hash::Prefix& prefix : chosen) views.push_back(*route(prefix));
  return views;
}

std::optional<GroupView> RouteInstaller::group(dataplane::GroupId id) const {
  std::optional<GroupView> view;
  if (id == dataplane::kNoRoute) return view;
  groups_.for_each([&](Groups::Index group) {
    if (groups_.id(group) == id) view = groups_.view(group);
  });
  return view;
}

std::vector<GroupView> RouteInstaller::groups() const {
  std::vector<GroupView> views;
  groups_.for_each([&](Groups::Index group) { views.push_back(groups_.view(group)); });
  std::sort(views.begin(), views.end(), [](const GroupView& a, const GroupView& b) { return a.id < b.id; });
  return views;
}

const hash::Home* RouteInstaller::home(LayoutId id) const { return id == kNoLayout ? nullptr : &layouts_.get(id); }

InstallerCounters RouteInstaller::counters() const {
  return {.routes = route_count_,
          .not_installed = not_installed_.size(),
          .held = held_routes_.size(),
          .groups = groups_.size(),
          .layouts = layouts_.size(),
          .set_route = set_route_,
          .remove_route = remove_route_,
          .group_changes = groups_.counters()};
}

LayoutRecord RouteInstaller::record() const {
  std::map<LayoutId, std::vector<hash::Prefix>> prefixes;
  for_each_route([&](RouteId id, const hash::Prefix& prefix) {
    const LayoutId layout = groups_.layout(routes_[id].group);
    if (layout != kNoLayout) prefixes[layout].push_back(prefix);
  });
  memory_.for_each([&](const hash::Prefix& prefix, LayoutId layout) { prefixes[layout].push_back(prefix); });

  LayoutRecord record{.seed = options_.layouts.seed, .buckets = options_.layouts.buckets, .layouts = {}};
  for (auto& [id, members] : prefixes) {
    const hash::Lineage& lineage = layouts_.get(id).lineage();
    if (lineage.founders.size() == 1 && lineage.steps.empty()) continue;  // nothing to remember about one member
    std::sort(members.begin(), members.end());
    record.layouts.push_back({lineage, std::move(members), layouts_.away(id)});
  }
  std::sort(record.layouts.begin(), record.layouts.end(),
            [](const auto& a, const auto& b) { return a.lineage < b.lineage; });
  return record;
}

bool RouteInstaller::expected_are_back() const {
  return std::all_of(expected_.begin(), expected_.end(), [this](const hash::IpAddress& address) {
    const Nexthops::Nexthop* nexthop = nexthops_.find(address);
    return nexthop != nullptr && nexthop->uses > 0;
  });
}

std::string RouteInstaller::restore(const LayoutRecord& record, Time now) {
  const hash::Selector selector = options_.layouts.selector;
  if (!hash::needs_home(selector)) return fmt::format("ignored: the selector {} has no layouts", to_string(selector));
  if (record.seed != options_.layouts.seed) {
    return "ignored: recorded with seed " + std::to_string(record.seed) + ", now it is " +
           std::to_string(options_.layouts.seed);
  }
  if (record.buckets != options_.layouts.buckets) {
    return "ignored: recorded with buckets = " + std::to_string(record.buckets) + ", now it is " +
           std::to_string(options_.layouts.buckets) + " (0 is auto)";
  }
  size_t bad = 0;
  for (const LayoutRecord::Layout& recorded : record.layouts) {
    const LayoutId layout = layouts_.adopt(recorded.lineage, now);
    if (layout == kNoLayout) {
      ++bad;
      continue;
    }
    for (const hash::Prefix& prefix : recorded.prefixes) {
      if (find(prefix) == kNoRouteId) memory_.remember(prefix, layout, now);
    }
    if (!hold_) continue;
    for (const hash::Member& member : layouts_.get(layout).members()) {
      if (std::find(recorded.away.begin(), recorded.away.end(), member.address) == recorded.away.end()) {
        expected_.insert(member.address);
      }
    }
  }
  layouts_.collect();
  ++revision_;
  if (bad == 0) return {};
  return std::to_string(bad) + " of " + std::to_string(record.layouts.size()) + " layouts ignored: impossible history";
}

}  // namespace ecmpd::control
