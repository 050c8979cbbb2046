// Peers by number, and the configuration. Changes mark prefixes; rib_decide.cc does the rest.
#include "control/rib/rib.h"

#include <algorithm>
#include <cassert>
#include <functional>
#include <iterator>

namespace ecmpd::control {

std::string_view to_string(RouteSource source) {
  switch (source) {
    case RouteSource::kConnected:
      return "connected";
    case RouteSource::kStatic:
      return "static";
    case RouteSource::kBgp:
      return "bgp";
    case RouteSource::kNone:
      return "none";
  }
  return "?";
}

Rib::Rib(RibOptions options, NexthopSets& sets)
    : options_(std::move(options)),
      sets_(sets),
      attributes_(options_.asn, connected_, recursive_),
      values_(attributes_) {}

Rib::~Rib() {
  std::vector<EntryId> all;
  entries_.for_each([&](EntryId id, const RibEntry&) { all.push_back(id); });
  for (EntryId id : all) {
    RibEntry& entry = entries_[id];
    entry.paths.clear(entry.path_count);
    if (entry.nexthops != kNoNexthops) sets_.release(entry.nexthops);
  }
}

Rib::Peer& Rib::peer_of(bgp::PeerId peer) {
  const auto index = static_cast<uint32_t>(peer);
  assert(index < peers_.size() && peers_[index]);
  return *peers_[index];
}

const Rib::Peer* Rib::find_peer(bgp::PeerId peer) const {
  const auto index = static_cast<uint32_t>(peer);
  return index < peers_.size() ? peers_[index].get() : nullptr;
}

std::vector<hash::IpAddress> Rib::sole_nexthops(bgp::PeerId id) const {
  std::vector<hash::IpAddress> sole;
  const Peer* const peer = find_peer(id);
  if (peer == nullptr) return sole;
  const std::set<hash::IpAddress> leading = recursive_.leading();
  const auto named_too = [&](const hash::IpAddress& nexthop) {
    for (const auto& other : peers_) {
      if (!other || other.get() == peer) continue;
      if (other->nexthops.size() > kMaximumNexthops || other->nexthops.contains(nexthop)) return true;
    }
    if (leading.contains(nexthop) || !recursive_.resolved(nexthop).empty()) return true;
    return std::any_of(local_.begin(), local_.end(), [&](const auto& local) {
      const NexthopSet& set = local.second.static_nexthops;
      return std::any_of(set.begin(), set.end(), [&](const hash::Member& member) { return member.address == nexthop; });
    });
  };
  if (peer->nexthops.size() > kMaximumNexthops) return sole;
  std::copy_if(peer->nexthops.begin(), peer->nexthops.end(), std::back_inserter(sole), std::not_fn(named_too));
  return sole;
}

void Rib::mark(EntryId id) {
  RibEntry& entry = entries_[id];
  if (entry.dirty) return;
  entry.dirty = 1;
  dirty_.push_back(id);
}

void Rib::mark_all() {
  entries_.for_each([this](EntryId id, const RibEntry&) { mark(id); });
}

Rib::LocalRoute& Rib::local_route(const hash::Prefix& prefix) {
  const EntryId id = entries_.insert(prefix).first;
  entries_[id].local = 1;
  mark(id);
  return local_[prefix];
}

void Rib::drop_empty_local_routes() {
  for (auto it = local_.begin(); it != local_.end();) {
    if (it->second.connected || !it->second.static_nexthops.empty()) {
      ++it;
      continue;
    }
    entries_[entries_.find(it->first)].local = 0;
    it = local_.erase(it);
  }
}

void Rib::set_interfaces(std::span<const InterfaceAddress> addresses) {
  connected_.set(addresses);
  attributes_.revalidate();
  recursive_.touch_all();
  for (auto& [prefix, route] : local_) route.connected = false;
  for (const hash::Prefix& subnet : connected_.subnets()) local_route(subnet).connected = true;
  mark_all();  // any path's nexthop may have become usable, or stopped to be
  drop_empty_local_routes();
}

void Rib::set_static_routes(std::span<const StaticRouteConfig> routes) {
  for (auto& [prefix, route] : local_) {
    if (!route.static_nexthops.empty()) mark(entries_.find(prefix));
    route.static_nexthops.clear();
  }
  for (const StaticRouteConfig& route : routes) {
    LocalRoute& local = local_route(route.prefix);
    for (const StaticNexthop& nexthop : route.nexthops) local.static_nexthops.push_back({nexthop.via, nexthop.weight});
    normalize(local.static_nexthops);
  }
  drop_empty_local_routes();
}

void Rib::set_maximum_paths(unsigned maximum_paths) {
  if (options_.maximum_paths == maximum_paths) return;
  options_.maximum_paths = maximum_paths;
  mark_all();
}

}  // namespace ecmpd::control
