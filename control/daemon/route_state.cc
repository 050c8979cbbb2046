// Routes, groups and explanations, as they are shown.
#include <fmt/format.h>

#include <algorithm>

#include "control/daemon/state_source.h"
#include "dataplane/explain.h"

namespace ecmpd::control {

using dataplane::AdjacencyId;
using dataplane::AdjacencyKind;
using dataplane::GroupId;

namespace {

bool is_discard(const dataplane::Adjacency& to) {
  return to.kind == AdjacencyKind::kDrop && to.reason == dataplane::DropReason::kBlackhole;
}

/// `to`: of a direct route.
api::RouteSource source_of(const RouteView& route, const dataplane::Adjacency* to) {
  if (to != nullptr && is_discard(*to)) return api::RouteSource::kAggregate;
  switch (route.source) {
    case RouteSource::kBgp:
      return api::RouteSource::kBgp;
    case RouteSource::kStatic:
      return api::RouteSource::kStatic;
    default:
      return to != nullptr && to->kind == AdjacencyKind::kForward ? api::RouteSource::kNeighbor
                                                                  : api::RouteSource::kConnected;
  }
}

constexpr const char* kForUs = "for the router itself";

std::string name_of(dataplane::DropReason reason) { return std::string(dataplane::describe(reason).name); }

bool is_multicast(const IpAddress& address) { return !address.is_v4() && address.bytes()[0] == 0xff; }

}  // namespace

/// The port of a nexthop: where it was found, or for a link-local one where it must be; empty when nobody knows.
std::string DaemonState::port_of(const IpAddress& nexthop, std::optional<dataplane::PortIndex> found) const {
  if (nexthop.zone() != 0) return config_.ports[port_of_zone(nexthop.zone())].name;
  return found ? port_name(*found) : "";
}

/// Of any port: a packet says by its link which one it means.
bool DaemonState::is_own_link_local(const IpAddress& address) const {
  for (const auto& port : machine_.ports()) {
    for (const auto& own : port->facts().addresses6) {
      if (IpAddress::v6(own.data()) == address) return true;
    }
  }
  return false;
}

const std::string& DaemonState::port_name(dataplane::PortIndex port) const { return config_.ports[raw(port)].name; }

const dataplane::Adjacency& DaemonState::adjacency(AdjacencyId id) const {
  return machine_.state().adjacencies.load(std::memory_order_acquire)->entries.at(raw(id));
}

api::RouteView DaemonState::present(const RouteView& route) const {
  api::RouteView out;
  out.prefix = route.prefix;
  out.installed = route.installed;
  const dataplane::Adjacency* to = route.direct_adjacency ? &adjacency(*route.direct_adjacency) : nullptr;
  out.source = source_of(route, to);
  if (!route.installed) {
    const bool waits = routes_.installer().held() && route.source == RouteSource::kBgp;
    out.not_installed_because = waits ? "waiting for the first tables" : "FIB full";
  }
  if (route.group != dataplane::kNoRoute) out.group = raw(route.group);
  const std::vector<IpAddress> draining = routes_.rib().draining(route.prefix);
  for (const RouteView::Nexthop& nexthop : route.nexthops) {
    out.nexthops.push_back({.address = nexthop.address.without_zone(),
                            .port = port_of(nexthop.address, nexthop.port),
                            .weight = nexthop.weight,
                            .live = nexthop.live,
                            .draining = std::binary_search(draining.begin(), draining.end(), nexthop.address),
                            .resolving = nexthop.resolving});
  }
  const bool is_host = out.source == api::RouteSource::kNeighbor;
  if (is_host || (to != nullptr && to->kind == AdjacencyKind::kGlean)) {
    out.nexthops.push_back({.address = is_host ? std::optional(route.prefix.address()) : std::nullopt,
                            .port = port_name(to->port),
                            .weight = 1,
                            .live = true});
  }
  return out;
}

std::vector<api::RouteView> DaemonState::routes(const api::RouteQuery& query) {
  std::vector<api::RouteView> out;
  // Own, broadcast and neighbors' addresses are of interest only to who asks for everything.
  RoutePage page{.after = query.after, .limit = query.limit};
  if (!query.all) {
    page.shows_direct = [this](AdjacencyId to) {
      return adjacency(to).kind == AdjacencyKind::kGlean || is_discard(adjacency(to));
    };
  }
  for (const RouteView& route : routes_.installer().routes(page)) out.push_back(present(route));
  return out;
}

std::optional<api::RouteView> DaemonState::route(const Prefix& prefix) {
  const auto found = routes_.installer().route(prefix);
  std::vector<api::PathView> candidates = paths(prefix);
  if (!found && candidates.empty()) return std::nullopt;
  api::RouteView out;
  if (found) {
    out = present(*found);
  } else {
    const bool waits = routes_.installer().held() && routes_.rib().find(prefix);
    out.prefix = prefix;
    out.not_installed_because = waits ? "waiting for the first tables" : "no usable path";
  }
  out.paths = std::move(candidates);
  for (api::PathView& path : out.paths) {
    const bool dead = std::any_of(out.nexthops.begin(), out.nexthops.end(), [&](const api::NexthopView& nexthop) {
      return nexthop.address == path.nexthop && !nexthop.live;
    });
    if (path.used && dead) path.reason += ", but its nexthop does not answer";
  }
  return out;
}

std::optional<api::RouteView> DaemonState::lookup(const IpAddress& address) {
  for (int length = address.bits(); length >= 0; --length) {
    if (auto found = route(Prefix(address, static_cast<uint8_t>(length))); found && found->installed) return found;
  }
  return std::nullopt;
}

/// Which nexthops are draining for a prefix of a group: as home members they are shown when they carry nothing any
/// more.
DaemonState::Drained DaemonState::draining_members() const {
  Drained out;
  routes_.rib().for_each_draining([&](const Prefix& prefix, const IpAddress& nexthop) {
    const dataplane::GroupId group = routes_.installer().group_of(prefix);
    if (group != dataplane::kNoRoute) out[group].insert(nexthop);
  });
  return out;
}

api::GroupView DaemonState::present(const GroupView& group, const Drained& drained) const {
  const auto leaving = drained.find(group.id);
  api::GroupView out;
  out.id = raw(group.id);
  out.selector = hash::to_string(group.selector);
  out.indexing = hash::to_string(group.table.indexing);
  out.prefixes = group.routes;
  out.buckets = static_cast<uint32_t>(group.table.owners.size());
  if (group.layout != kNoLayout) out.layout = fmt::format("L{}", static_cast<uint32_t>(group.layout));
  const EcmpConfig& ecmp = config_.ecmp;
  const hash::Home* home = routes_.installer().home(group.layout);
  out.seed = ecmp.seed;
  out.lineage = home != nullptr ? home->lineage()
                                : hash::Home::build(group.selector, group.members, ecmp.buckets, ecmp.seed)->lineage();
  const auto owned = group.table.entries(group.members.size());
  for (size_t i = 0; i < group.members.size(); ++i) {
    const IpAddress& address = group.members[i].address;
    out.members.push_back({.address = address.without_zone(),
                           .port = port_of(address, routes_.installer().nexthop_port(address)),
                           .weight = group.members[i].weight,
                           .live = group.live[i],
                           .buckets = owned[i],
                           .draining = leaving != drained.end() && leaving->second.contains(address)});
  }
  return out;
}

std::vector<api::GroupView> DaemonState::groups() {
  std::vector<api::GroupView> out;
  const Drained drained = draining_members();
  for (const GroupView& group : routes_.installer().groups()) out.push_back(present(group, drained));
  return out;
}

std::optional<api::GroupView> DaemonState::group(uint32_t id) {
  const auto found = routes_.installer().group(GroupId{id});
  return found ? std::optional(present(*found, draining_members())) : std::nullopt;
}

api::ExplainView DaemonState::explain(const hash::Tuple& tuple) {
  api::ExplainView out;
  out.tuple = tuple;
  // What parse decides before any route counts.
  if (is_multicast(tuple.dst)) {
    out.reason = name_of(dataplane::DropReason::kIpv6Multicast);
    return out;
  }
  if (tuple.dst.is_link_local()) {
    const bool own = is_own_link_local(tuple.dst);
    out.verdict = own ? api::Verdict::kPunt : api::Verdict::kDrop;
    out.reason = own ? kForUs : name_of(dataplane::DropReason::kIpv6Scope);
    return out;
  }
  const dataplane::Explanation why = dataplane::explain(machine_.state(), tuple);
  const dataplane::Adjacency& to = adjacency(why.adjacency);
  const auto route = lookup(tuple.dst);
  if (route) out.prefix = route->prefix;
  switch (to.kind) {
    case AdjacencyKind::kForward:
      out.verdict = api::Verdict::kForward;
      break;
    case AdjacencyKind::kLocal:
      out.verdict = api::Verdict::kPunt;
      out.reason = kForUs;
      break;
    case AdjacencyKind::kGlean:
      out.verdict = api::Verdict::kGlean;
      break;
    case AdjacencyKind::kDrop:
      out.verdict = api::Verdict::kDrop;
      out.reason = name_of(to.reason);
      break;
  }
  const bool leaves = to.kind == AdjacencyKind::kForward || to.kind == AdjacencyKind::kGlean;
  if (leaves && tuple.src.is_link_local()) {  // rewrite's own check
    out.verdict = api::Verdict::kDrop;
    out.reason = name_of(dataplane::DropReason::kIpv6Scope);
  }
  if (leaves) out.port = port_name(to.port);
  if (why.group == dataplane::kNoRoute) return out;
  out.group = raw(why.group);
  out.key.assign(why.key().begin(), why.key().end());
  const hash::Hasher& hasher = machine_.state().hash_settings.load()->hasher;
  out.function = hash::to_string(hasher.function());
  out.seed = hasher.expanded_seed();
  out.hash = why.hash;
  out.buckets = why.group_size;
  out.bucket = why.bucket;
  if (to.kind == AdjacencyKind::kForward) {
    out.mac = to.destination_mac;
    if (const auto host = host_.host_of(why.adjacency)) out.nexthop = host->without_zone();
  }
  const auto group = routes_.installer().group(why.group);
  out.selector = group ? hash::to_string(group->selector) : "single";
  out.indexing = hash::to_string(why.indexing);
  if (!group || group->table.owners.empty()) return out;
  const auto member = group->table.owners.at(why.bucket);
  out.member = member;
  if (const hash::Home* home = routes_.installer().home(group->layout)) {
    out.home = home->members()[home->first_choice(why.hash)].address.without_zone();
  }
  return out;
}

}  // namespace ecmpd::control
