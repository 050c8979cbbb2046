// Events: sessions and configuration. They change Adj-RIB-In and mark prefixes; rib_decide.cc does the rest.
#include "control/rib/rib.h"

#include <algorithm>
#include <cassert>

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
    : options_(std::move(options)), sets_(sets), attributes_(options_.asn, connected_) {}

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

void Rib::on_established(bgp::PeerId peer, const bgp::PeerInfo& info) {
  const auto index = static_cast<uint32_t>(peer);
  assert(index <= UINT16_MAX);  // ids are small: a path keeps 16 bits of it
  if (index >= peers_.size()) peers_.resize(index + 1);
  assert(!peers_[index]);
  peers_[index] = std::make_unique<Peer>();
  peers_[index]->info = info;
}

bgp::UpdateVerdict Rib::on_update(bgp::PeerId id, const bgp::RouteUpdate& update) {
  const auto& [attributes, announced, withdrawn, announced_ids, withdrawn_ids] = update;
  Peer& peer = peer_of(id);
  const auto index = static_cast<uint16_t>(id);
  for (const hash::Prefix& prefix : withdrawn) {
    const EntryId entry = entries_.find(prefix);
    if (entry != entries_.kNone) remove_path(index, peer, entry);
  }
  peer.counters.withdrawn += withdrawn.size();
  if (announced.empty()) return bgp::UpdateVerdict::kOk;

  peer.counters.announced += announced.size();
  const uint32_t interned = intern_attributes(peer, attributes);
  for (const hash::Prefix& prefix : announced) {
    if (!peer.info.policy.import_filter.accepts(prefix)) {
      ++peer.counters.filtered;
    } else if (!add_path(index, peer, prefix, interned)) {
      return bgp::UpdateVerdict::kMaximumPrefixReached;
    }
  }
  return bgp::UpdateVerdict::kOk;
}

void Rib::on_end_of_rib(bgp::PeerId peer, bgp::Family) { peer_of(peer).counters.end_of_rib = true; }

void Rib::on_forgotten(bgp::PeerId) {}

void Rib::on_down(bgp::PeerId id, std::string_view, const bgp::Retain&) {
  Peer& peer = peer_of(id);
  const auto index = static_cast<uint16_t>(id);
  for (EntryId entry : peer.entries) remove_path(index, peer, entry);
  assert(peer.counters.accepted == 0);
  if (peer.last_attributes != UINT32_MAX) attributes_.release(peer.last_attributes);
  peers_[index].reset();
}

uint32_t Rib::intern_attributes(Peer& peer, const bgp::PathAttributes& attributes) {
  if (peer.last_attributes != UINT32_MAX) {
    if (attributes_.get(peer.last_attributes) == attributes) return peer.last_attributes;
    attributes_.release(peer.last_attributes);
  }
  return peer.last_attributes = attributes_.acquire(attributes);
}

/// False: one prefix more than maximum_prefix; it is not taken.
bool Rib::add_path(uint16_t index, Peer& peer, const hash::Prefix& prefix, uint32_t attributes) {
  const EntryId found = entries_.find(prefix);
  Path* path = found == entries_.kNone ? nullptr : entries_[found].paths.find(entries_[found].path_count, index);
  if (path != nullptr) {  // an implicit withdraw (RFC 4271 section 3.1), or just a refresh
    if (path->attributes == attributes) return true;
    attributes_.release(path->attributes);
    path->attributes = attributes;
    attributes_.retain(attributes);
    mark(found);
    return true;
  }
  const uint32_t limit = peer.info.policy.maximum_prefix;
  if (limit != 0 && peer.counters.accepted >= limit) return false;

  const EntryId id = entries_.insert(prefix).first;
  RibEntry& entry = entries_[id];
  attributes_.retain(attributes);
  entry.paths.insert(entry.path_count, {.attributes = attributes, .peer = index});
  ++entry.path_count;
  ++peer.counters.accepted;
  peer.entries.push_back(id);
  if (peer.entries.size() > 2 * size_t{peer.counters.accepted} + 64) compact(index, peer);
  mark(id);
  return true;
}

/// Nothing happens when the entry has no path of this peer.
void Rib::remove_path(uint16_t index, Peer& peer, EntryId id) {
  RibEntry& entry = entries_[id];
  Path* path = entry.paths.find(entry.path_count, index);
  if (path == nullptr) return;
  attributes_.release(path->attributes);
  entry.paths.erase(entry.path_count, path);
  --entry.path_count;
  --peer.counters.accepted;
  mark(id);
}

void Rib::compact(uint16_t index, Peer& peer) {
  std::sort(peer.entries.begin(), peer.entries.end());
  peer.entries.erase(std::unique(peer.entries.begin(), peer.entries.end()), peer.entries.end());
  std::erase_if(peer.entries, [&](EntryId id) {
    RibEntry& entry = entries_[id];
    return entry.paths.find(entry.path_count, index) == nullptr;
  });
}

bool Rib::on_policy(bgp::PeerId id, const PeerPolicy& policy) {
  Peer& peer = peer_of(id);
  const bool filter_changed = !(peer.info.policy.import_filter == policy.import_filter);
  const auto index = static_cast<uint16_t>(id);
  peer.info.policy = policy;
  for (EntryId entry : peer.entries) {
    if (!policy.import_filter.accepts(entries_[entry].prefix)) remove_path(index, peer, entry);
  }
  return filter_changed;
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
