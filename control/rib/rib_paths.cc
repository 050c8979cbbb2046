// Adj-RIB-In: what sessions bring, keep and lose.
#include <algorithm>
#include <cassert>

#include "control/log.h"
#include "control/rib/rib.h"
#include "control/zone_names.h"

namespace ecmpd::control {
namespace {

/// What a set of attributes takes beyond its fixed part, nearly.
size_t variable_bytes(const bgp::PathAttributes& attributes) {
  size_t bytes = attributes.communities.size() * sizeof(bgp::Community) +
                 attributes.extended_communities.size() * sizeof(bgp::ExtendedCommunity) +
                 attributes.large_communities.size() * sizeof(bgp::LargeCommunity);
  for (const auto& segment : attributes.as_path) bytes += sizeof(segment) + 4 * segment.asns.size();
  for (const auto& unknown : attributes.unknown) bytes += sizeof(unknown) + unknown.value.size();
  return bytes;
}

bool small(const bgp::PathAttributes& attributes) {
  return variable_bytes(attributes) <= Rib::kMaximumRefusedAttributes;
}

}  // namespace

void Rib::on_established(bgp::PeerId peer, const bgp::PeerInfo& info) {
  const auto index = static_cast<uint32_t>(peer);
  assert(index <= UINT16_MAX);  // ids are small: a path keeps 16 bits of it
  if (index >= peers_.size()) peers_.resize(index + 1);
  if (!peers_[index]) {
    peers_[index] = std::make_unique<Peer>(results_);
    peers_[index]->info = info;
    return;
  }
  // What was kept of its last session (RFC 4724 section 4.2).
  Peer& known = *peers_[index];
  assert(known.down);
  known.down = false;
  known.limit_logged = known.discards = false;
  known.info = info;
  known.counters = {.accepted = known.counters.accepted,
                    .stale = known.counters.stale,
                    .ipv6 = {.accepted = known.counters.ipv6.accepted}};
  const bgp::FamilySet kept = info.graceful_restart.forwarding & info.families;
  remove_paths(static_cast<uint16_t>(index), known,
               [&](const hash::Prefix& prefix, const Path&) { return !kept.contains(prefix.family()); });
  reconsider(static_cast<uint16_t>(index), known);
  for (EntryId id : known.entries) {  // the peer's identifier counts in decisions
    if (!entries_[id].paths.find(entries_[id].path_count, static_cast<uint16_t>(index)).empty()) mark(id);
  }
}

bgp::UpdateVerdict Rib::on_update(bgp::PeerId id, const bgp::RouteUpdate& update) {
  Peer& peer = peer_of(id);
  const auto index = static_cast<uint16_t>(id);
  for (size_t i = 0; i < update.withdrawn.size(); ++i) {
    const EntryId entry = entries_.find(update.withdrawn[i]);
    if (entry == entries_.kNone) continue;
    Path* path = find_path(index, entry, update.withdrawn_ids.empty() ? 0 : update.withdrawn_ids[i]);
    if (path != nullptr) remove_path(peer, entry, *path);
  }
  peer.counters.withdrawn += update.withdrawn.size();
  if (update.announced.empty()) return bgp::UpdateVerdict::kOk;

  peer.counters.announced += update.announced.size();
  take_attributes(peer, update.attributes);
  for (size_t i = 0; i < update.announced.size(); ++i) {
    if (i + kPrefetchAhead < update.announced.size()) entries_.prefetch(update.announced[i + kPrefetchAhead]);
    const uint32_t path_id = update.announced_ids.empty() ? 0 : update.announced_ids[i];
    const bgp::UpdateVerdict verdict = add_path(index, peer, update.announced[i], path_id);
    if (verdict != bgp::UpdateVerdict::kOk) return verdict;
  }
  return bgp::UpdateVerdict::kOk;
}

void Rib::on_end_of_rib(bgp::PeerId id, bgp::Family family) {
  Peer& peer = peer_of(id);
  peer.counters.end_of_rib = true;
  if (peer.counters.stale == 0) return;
  remove_paths(static_cast<uint16_t>(id), peer, [family](const hash::Prefix& prefix, const Path& path) {
    return path.stale && prefix.family() == family;
  });
}

void Rib::on_down(bgp::PeerId id, std::string_view, const bgp::Retain& retain) {
  Peer& peer = peer_of(id);
  const auto index = static_cast<uint16_t>(id);
  forget_attributes(peer);
  // RFC 4724 section 4.2: what is stale already goes, so that restarts in a row do not keep it for ever.
  remove_paths(index, peer, [&retain](const hash::Prefix& prefix, const Path& path) {
    return path.stale || path.result == ImportResults::kRefused || !retain.families.contains(prefix.family());
  });
  if (peer.counters.accepted == 0) return peers_[index].reset();
  for (EntryId entry : peer.entries) {
    RibEntry& here = entries_[entry];
    for (Path& path : here.paths.find(here.path_count, index)) path.stale = 1;
  }
  peer.counters.stale = peer.counters.accepted;
  peer.down = true;
}

void Rib::on_forgotten(bgp::PeerId id) {
  if (find_peer(id) == nullptr) return;  // nothing was kept
  Peer& peer = peer_of(id);
  assert(peer.down);
  remove_paths(static_cast<uint16_t>(id), peer, [](const hash::Prefix&, const Path&) { return true; });
  peers_[static_cast<uint32_t>(id)].reset();
}

void Rib::drop_stale(bgp::PeerId id) {
  if (find_peer(id) == nullptr) return;
  remove_paths(static_cast<uint16_t>(id), peer_of(id),
               [](const hash::Prefix&, const Path& path) { return path.stale; });
}

bool Rib::on_policy(bgp::PeerId id, const PeerPolicy& policy) {
  if (find_peer(id) == nullptr) return false;  // away, and nothing was kept
  Peer& peer = peer_of(id);
  forget_attributes(peer);
  peer.info.policy = policy;
  peer.limit_logged = peer.discards = false;
  // What is refused only now, and not kept, is of use to a later policy.
  const bool missing = std::exchange(peer.counters.not_kept, 0) > 0;
  peer.counters.ipv6.not_kept = 0;
  const auto index = static_cast<uint16_t>(id);
  reconsider(index, peer);
  if (peer.down) {  // as at on_down(): what is refused is not kept
    remove_paths(index, peer,
                 [](const hash::Prefix&, const Path& path) { return path.result == ImportResults::kRefused; });
  }
  return missing;
}

/// Applies the import policy anew to every path.
void Rib::reconsider(uint16_t index, Peer& peer) {
  if (peer.info.add_path.any()) compact(index, peer);  // each prefix once, however many paths it has
  AttributeTable::Id prepared = UINT32_MAX;
  bool named = false;
  for (EntryId id : peer.entries) {
    RibEntry& entry = entries_[id];
    for (Path& path : entry.paths.find(entry.path_count, index)) {
      const AttributeTable::Id attributes = values_.attributes(path.value);
      if (attributes != prepared) {
        peer.import.prepare(peer.info.policy, attributes_.get(attributes));
        named = false;
      }
      prepared = attributes;
      const ImportResults::Id result = peer.import.result(entry.prefix);
      const bool is_new = path.result == ImportResults::kRefused && result != ImportResults::kRefused;
      if (is_new && room_for_one(peer) != Room::kYes) continue;
      if (is_new && !std::exchange(named, true)) name_nexthop(peer, attributes);
      set_result(peer, id, path, result);
    }
  }
  peer.import.forget();
  if (peer.counters.filtered == 0) return;
  remove_paths(index, peer, [&](const hash::Prefix& prefix, const Path& path) {
    if (path.result != ImportResults::kRefused) return false;
    const bool room = peer.counters.filtered <= kMaximumRefused;  // this one is among them
    if (room && small(attributes_.get(values_.attributes(path.value)))) return false;
    count_not_kept(peer, prefix);
    return true;
  });
}

/// Makes `attributes` those of the paths that are added next.
void Rib::take_attributes(Peer& peer, const bgp::PathAttributes& attributes) {
  if (peer.last_attributes != UINT32_MAX) {
    if (attributes_.get(peer.last_attributes) == attributes) return;
    attributes_.release(peer.last_attributes);
  }
  peer.last_attributes = attributes_.acquire(attributes);
  peer.small_attributes = small(attributes);
  peer.nexthop_named = false;
  peer.import.prepare(peer.info.policy, attributes);
}

void Rib::forget_attributes(Peer& peer) {
  if (peer.last_attributes != UINT32_MAX) attributes_.release(peer.last_attributes);
  peer.last_attributes = UINT32_MAX;
  peer.import.forget();
}

void Rib::name_nexthop(Peer& peer, AttributeTable::Id attributes) {
  if (peer.nexthops.size() <= kMaximumNexthops) peer.nexthops.insert(attributes_.get(attributes).next_hop);
}

Path* Rib::find_path(uint16_t index, EntryId id, uint32_t path_id) {
  RibEntry& entry = entries_[id];
  for (Path& path : entry.paths.find(entry.path_count, index)) {
    if (values_.path_id(path.value) == path_id) return &path;
  }
  return nullptr;
}

Rib::Room Rib::room_for_one(Peer& peer) {
  const PeerPolicy& policy = peer.info.policy;
  // What is stale does not count: it comes again, or goes.
  if (policy.maximum_prefix == 0 || peer.counters.accepted - peer.counters.stale < policy.maximum_prefix) {
    return Room::kYes;
  }
  if (policy.maximum_prefix_action == MaximumPrefixAction::kRestart) return Room::kSessionEnds;
  const bool warn = policy.maximum_prefix_action == MaximumPrefixAction::kWarn;
  if (!std::exchange(peer.limit_logged, true)) {
    log::warn("rib", "{}: more than maximum_prefix = {} prefixes; the rest is {}", zoned_text(peer.info.address),
              policy.maximum_prefix, warn ? "accepted all the same" : "discarded");
  }
  peer.discards |= !warn;
  return warn ? Room::kYes : Room::kNo;
}

std::vector<hash::IpAddress> Rib::take_peers_with_room() {
  std::vector<hash::IpAddress> out;
  for (const auto& peer : peers_) {
    if (!peer || peer->down || !peer->discards) continue;
    if (peer->counters.accepted - peer->counters.stale >= peer->info.policy.maximum_prefix) continue;
    peer->discards = false;
    out.push_back(peer->info.address);
  }
  return out;
}

/// For one path more of the peer.
Rib::Room Rib::room_for_path(uint16_t index, Peer& peer, RibEntry& entry, ImportResults::Id result) {
  if (entry.path_count == UINT16_MAX) return Room::kNo;
  if (entry.path_count > 0 && entry.paths.find(entry.path_count, index).size() >= kMaximumPathsOfPeer) return Room::kNo;
  if (result == ImportResults::kRefused) return keeps_one_refused(peer) ? Room::kYes : Room::kNo;
  return room_for_one(peer);
}

bool Rib::keeps_one_refused(const Peer& peer) {
  return peer.small_attributes && peer.counters.filtered < kMaximumRefused;
}

bgp::UpdateVerdict Rib::add_path(uint16_t index, Peer& peer, const hash::Prefix& prefix, uint32_t path_id) {
  const ImportResults::Id result = peer.import.result(prefix);
  const auto [id, is_new] = entries_.insert(prefix);
  Path* path = is_new ? nullptr : find_path(index, id, path_id);
  if (path != nullptr) return replace_path(peer, id, *path, path_id, result);
  RibEntry& entry = entries_[id];
  if (const Room room = room_for_path(index, peer, entry, result); room != Room::kYes) {
    count_not_kept(peer, prefix);
    if (is_new) entries_.erase(id);
    return room == Room::kNo ? bgp::UpdateVerdict::kOk : bgp::UpdateVerdict::kMaximumPrefixReached;
  }
  if (result != ImportResults::kRefused && !std::exchange(peer.nexthop_named, true)) {
    name_nexthop(peer, peer.last_attributes);
  }
  results_.retain(result);
  entry.paths.insert(entry.path_count,
                     {.value = values_.acquire(peer.last_attributes, path_id), .peer = index, .result = result});
  ++entry.path_count;
  count_path(peer, prefix, result, 1);
  peer.entries.push_back(id);
  if (peer.entries.size() > 2 * (size_t{peer.counters.accepted} + peer.counters.filtered) + 64) compact(index, peer);
  if (result != ImportResults::kRefused) mark(id);
  return bgp::UpdateVerdict::kOk;
}

/// An implicit withdraw (RFC 4271 section 3.1), or just a refresh.
bgp::UpdateVerdict Rib::replace_path(Peer& peer, EntryId id, Path& path, uint32_t path_id, ImportResults::Id result) {
  const bool is_new = (path.stale || path.result == ImportResults::kRefused) && result != ImportResults::kRefused;
  if (is_new) {
    const Room room = room_for_one(peer);
    if (room == Room::kSessionEnds) return bgp::UpdateVerdict::kMaximumPrefixReached;
    if (room == Room::kNo) result = ImportResults::kRefused;
  }
  if (result == ImportResults::kRefused) {
    const bool counted = path.result == ImportResults::kRefused;
    if (counted ? !peer.small_attributes : !keeps_one_refused(peer)) {
      count_not_kept(peer, entries_[id].prefix);
      remove_path(peer, id, path);
      return bgp::UpdateVerdict::kOk;
    }
  }
  if (path.stale) {
    path.stale = 0;
    --peer.counters.stale;
  }
  const PathValues::Id value = values_.acquire(peer.last_attributes, path_id);
  if (value != path.value) mark(id);
  values_.release(std::exchange(path.value, value));
  if (result != ImportResults::kRefused && !std::exchange(peer.nexthop_named, true)) {
    name_nexthop(peer, peer.last_attributes);
  }
  set_result(peer, id, path, result);
  return bgp::UpdateVerdict::kOk;
}

void Rib::count_path(Peer& peer, const hash::Prefix& prefix, ImportResults::Id result, int change) {
  const auto by = static_cast<uint32_t>(change);
  const bool refused = result == ImportResults::kRefused;
  PeerCounters& counters = peer.counters;
  (refused ? counters.filtered : counters.accepted) += by;
  if (prefix.family() == hash::Family::kIpv6) (refused ? counters.ipv6.filtered : counters.ipv6.accepted) += by;
}

void Rib::count_not_kept(Peer& peer, const hash::Prefix& prefix) {
  ++peer.counters.not_kept;
  if (prefix.family() == hash::Family::kIpv6) ++peer.counters.ipv6.not_kept;
}

void Rib::set_result(Peer& peer, EntryId id, Path& path, ImportResults::Id result) {
  if (path.result == result) return;
  count_path(peer, entries_[id].prefix, path.result, -1);
  count_path(peer, entries_[id].prefix, result, 1);
  if (result == ImportResults::kRefused && path.stale) {
    path.stale = 0;
    --peer.counters.stale;
  }
  results_.retain(result);
  results_.release(path.result);
  path.result = result & 0x7fffu;
  mark(id);
}

void Rib::remove_path(Peer& peer, EntryId id, Path& path) {
  RibEntry& entry = entries_[id];
  count_path(peer, entry.prefix, path.result, -1);
  if (path.stale) --peer.counters.stale;
  results_.release(path.result);
  values_.release(path.value);
  entry.paths.erase(entry.path_count, &path);
  --entry.path_count;
  mark(id);
}

/// All paths of the peer for which condition(prefix, path) holds.
template <typename Condition>
void Rib::remove_paths(uint16_t index, Peer& peer, Condition condition) {
  if (peer.info.add_path.any()) compact(index, peer);
  for (EntryId id : peer.entries) {
    RibEntry& entry = entries_[id];
    std::span<Path> paths = entry.paths.find(entry.path_count, index);
    for (size_t i = 0; i < paths.size();) {
      if (!condition(entry.prefix, paths[i])) {
        ++i;
        continue;
      }
      remove_path(peer, id, paths[i]);
      paths = entry.paths.find(entry.path_count, index);
    }
  }
}

void Rib::compact(uint16_t index, Peer& peer) {
  std::sort(peer.entries.begin(), peer.entries.end());
  peer.entries.erase(std::unique(peer.entries.begin(), peer.entries.end()), peer.entries.end());
  std::erase_if(peer.entries, [&](EntryId id) {
    RibEntry& entry = entries_[id];
    return entry.paths.find(entry.path_count, index).empty();
  });
}

}  // namespace ecmpd::control
