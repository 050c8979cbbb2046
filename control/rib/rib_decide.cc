// Decisions and lookups of the RIB.
#include <algorithm>
#include <cassert>
#include <tuple>
#include <utility>

#include "control/log.h"
#include "control/rib/rib.h"
#include "control/rib/scratch.h"

namespace ecmpd::control {

void Rib::flush(std::vector<RouteChange>& changes, std::vector<hash::Prefix>* decided) {
  newly_truncated_ = 0;
  if (!recursive_.empty()) {
    const std::vector<EntryId> aside = set_waiting_aside();
    decide_marked(changes, decided);
    resolve_nexthops(aside);
    dirty_.insert(dirty_.end(), aside.begin(), aside.end());
  }
  decide_marked(changes, decided);
  if (newly_truncated_ > 0) {
    log::warn("rib", "{} prefixes (such as {}) have more equal paths than maximum_paths = {}; the rest is not used",
              newly_truncated_, truncated_example_.to_string(), options_.maximum_paths);
  }
}

void Rib::decide_marked(std::vector<RouteChange>& changes, std::vector<hash::Prefix>* decided) {
  if (decided != nullptr) {
    for (EntryId id : dirty_) decided->push_back(entries_[id].prefix);
  }
  changes.reserve(changes.size() + dirty_.size());
  EntryId before = entries_.kNone;
  for (size_t i = 0; i < dirty_.size(); ++i) {
    if (i + kPrefetchAhead < dirty_.size()) entries_.prefetch(dirty_[i + kPrefetchAhead]);
    decide_entry(dirty_[i], std::exchange(before, dirty_[i]), changes);
  }
  clear_scratch(dirty_);
}

/// `before`: the entry that was decided before in this flush(), or kNone. It may have been erased.
void Rib::decide_entry(EntryId id, EntryId before, std::vector<RouteChange>& changes) {
  RibEntry& entry = entries_[id];
  entry.dirty = 0;
  ++counters_.decisions;
  const bool was_truncated = entry.truncated;
  RouteSource source = RouteSource::kNone;
  NexthopSetId nexthops = kNoNexthops;
  if (before != entries_.kNone && same_paths(entry, entries_[before])) {
    const RibEntry& same = entries_[before];
    source = static_cast<RouteSource>(same.source);
    nexthops = same.nexthops;
    entry.truncated = same.truncated;
    if (nexthops != kNoNexthops) sets_.retain(nexthops);
  } else {
    nexthops = choose_set(entry, source);
  }
  if (entry.truncated) {
    ++counters_.truncated;
    if (!was_truncated && newly_truncated_++ == 0) truncated_example_ = entry.prefix;
  }

  const NexthopSetId old = entry.nexthops;
  const auto old_source = static_cast<RouteSource>(entry.source);
  entry.nexthops = nexthops & kNoNexthops;
  entry.source = static_cast<uint32_t>(source) & 3u;
  if (nexthops != old || source != old_source) changes.push_back({entry.prefix, id, source, nexthops});
  // The old set may go although the installer has not seen the change yet: who keeps a set holds its own reference.
  if (old != kNoNexthops) sets_.release(old);
  if (entry.path_count == 0 && !entry.local) entries_.erase(id);
}

/// The decision follows from the paths (what leads to nexthops is the same for all), and prefixes that are marked one
/// after the other mostly have the same.
bool Rib::same_paths(const RibEntry& a, const RibEntry& b) {
  if (a.path_count != b.path_count || a.path_count == 0 || a.local || b.local) return false;
  const auto of_a = a.paths.view(a.path_count);
  return std::equal(of_a.begin(), of_a.end(), b.paths.view(b.path_count).begin());
}

/// With a reference for the caller. Acquired before an old one is released: the same set keeps its id.
NexthopSetId Rib::choose_set(RibEntry& entry, RouteSource& source) {
  set_.clear();
  source = choose(entry, set_);
  if (set_.empty()) return kNoNexthops;
  const NexthopSetId nexthops = sets_.acquire(set_);
  assert(nexthops < kNoNexthops);  // 16 million distinct sets
  return nexthops;
}

NexthopSet Rib::usable_statics(const RibEntry& entry) const {
  NexthopSet set = local_.find(entry.prefix)->second.static_nexthops;
  std::erase_if(
      set, [this](const hash::Member& member) { return connected_.check(member.address) != NexthopVerdict::kUsable; });
  return set;
}

RouteSource Rib::choose(RibEntry& entry, NexthopSet& set) {
  entry.truncated = 0;
  if (entry.local) {
    const LocalRoute& local = local_.find(entry.prefix)->second;
    if (local.connected) return RouteSource::kConnected;
    set = usable_statics(entry);
    if (set.size() > options_.maximum_paths) {
      set.resize(options_.maximum_paths);
      entry.truncated = 1;
    }
    if (!set.empty()) return RouteSource::kStatic;
  }
  if (entry.path_count == 0) return RouteSource::kNone;
  gather(entry, candidates_);
  const Decision decision = decide(candidates_, options_.maximum_paths);
  if (decision.used == 0) return RouteSource::kNone;
  entry.truncated = decision.truncated;
  collect_nexthops(std::span(candidates_).first(decision.used), set);
  if (!recursive_.empty()) recursive_.expand(set);
  if (set.size() > options_.maximum_paths) {
    set.resize(options_.maximum_paths);
    entry.truncated = 1;
  }
  return RouteSource::kBgp;
}

/// Several paths of one peer to the same nexthop are so many shares of it (RFC 7911); two peers that name the same
/// nexthop speak of the same shares, and the larger number counts. What a peer that restarted has not announced again
/// counts only where it has announced nothing yet: it may have numbered the same paths anew (RFC 4724, RFC 7911).
void Rib::collect_nexthops(std::span<Candidate> used, NexthopSet& set) {
  const auto of_one_peer = [](const Candidate& a, const Candidate& b) {
    return a.peer == b.peer && a.next_hop == b.next_hop;
  };
  std::sort(used.begin(), used.end(), [](const Candidate& a, const Candidate& b) {
    return std::tie(a.next_hop, a.peer, a.stale) < std::tie(b.next_hop, b.peer, b.stale);  // fresh ones first
  });
  for (size_t i = 0; i < used.size();) {
    uint32_t weight = 0;
    const size_t first = i;
    for (; i < used.size() && of_one_peer(used[first], used[i]); ++i) {
      if (used[i].stale == used[first].stale) weight += used[i].weight;
    }
    const hash::Member member{used[first].next_hop, static_cast<uint16_t>(std::min<uint32_t>(UINT16_MAX, weight))};
    if (set.empty() || set.back().address != member.address) {
      set.push_back(member);
    } else {
      set.back().weight = std::max(set.back().weight, member.weight);
    }
  }
}

void Rib::gather(const RibEntry& entry, std::vector<Candidate>& candidates) const {
  candidates.clear();
  for (const Path& path : entry.paths.view(entry.path_count)) {
    const AttributeTable::Id id = values_.attributes(path.value);
    const bgp::PathAttributes& attributes = attributes_.get(id);
    const AttributeTable::Facts& facts = attributes_.facts(id);
    const ImportResult& result = results_.get(path.result);
    const bgp::PeerInfo& peer = peers_[path.peer]->info;
    Candidate& candidate = candidates.emplace_back();
    // RFC 4271 section 5.1.5: LOCAL_PREF of an external peer is ignored.
    candidate.local_pref = result.local_preference.value_or(peer.ebgp ? 100 : attributes.local_pref.value_or(100));
    candidate.as_path_length = facts.as_path_length;
    candidate.med = attributes.med.value_or(0);
    candidate.neighbor_as = facts.neighbor_as;
    candidate.origin = static_cast<uint8_t>(attributes.origin);
    candidate.ebgp = peer.ebgp;
    candidate.router_id = peer.router_id;
    candidate.peer_address = peer.address;
    candidate.next_hop = attributes.next_hop;
    candidate.attributes = id;
    candidate.path_id = values_.path_id(path.value);
    candidate.peer = path.peer;
    candidate.weight = result.weight;
    candidate.draining = result.draining;
    candidate.stale = path.stale != 0;
    if (!result.accepted) {
      candidate.outcome = Outcome::kFiltered;
    } else if (facts.own_as_in_path) {
      candidate.outcome = Outcome::kIneligibleLoop;
    } else if (facts.nexthop != NexthopVerdict::kUsable) {  // of either family: RFC 8950, and FRR's mapped addresses
      const NexthopSet* const by = resolution(path);
      if (by == nullptr || by->empty()) candidate.outcome = Outcome::kIneligibleNexthop;
      candidate.recursive = by != nullptr;
    }
  }
}

std::optional<RouteChange> Rib::find(const hash::Prefix& prefix) const {
  const EntryId id = entries_.find(prefix);
  if (id == entries_.kNone) return std::nullopt;
  const RibEntry& entry = entries_[id];
  const auto source = static_cast<RouteSource>(entry.source);
  if (source == RouteSource::kNone) return std::nullopt;
  return RouteChange{prefix, id, source, entry.nexthops};
}

std::optional<BestRoute> Rib::best(const hash::Prefix& prefix) const {
  const EntryId id = entries_.find(prefix);
  if (id == entries_.kNone) return std::nullopt;
  const RibEntry& entry = entries_[id];
  if (static_cast<RouteSource>(entry.source) == RouteSource::kStatic) return BestRoute{};
  if (static_cast<RouteSource>(entry.source) != RouteSource::kBgp) return std::nullopt;
  gather(entry, candidates_);
  if (decide(candidates_, options_.maximum_paths).used == 0) return std::nullopt;
  const Candidate& best = candidates_.front();
  return BestRoute{&attributes_.get(best.attributes), bgp::PeerId{best.peer}, best.ebgp, best.local_pref};
}

std::vector<PathView> Rib::paths(const hash::Prefix& prefix) const {
  std::vector<PathView> views;
  const EntryId id = entries_.find(prefix);
  if (id == entries_.kNone) return views;
  const RibEntry& entry = entries_[id];
  gather(entry, candidates_);
  decide(candidates_, options_.maximum_paths);
  const auto source = static_cast<RouteSource>(entry.source);
  const bool shadowed = source == RouteSource::kConnected || source == RouteSource::kStatic;
  for (const Candidate& candidate : candidates_) {
    const bool wins = candidate.outcome == Outcome::kBest || candidate.outcome == Outcome::kMultipath;
    views.push_back({.peer = bgp::PeerId{candidate.peer},
                     .peer_address = candidate.peer_address,
                     .remote_as = peers_[candidate.peer]->info.asn,
                     .attributes = &attributes_.get(candidate.attributes),
                     .outcome = shadowed && wins ? Outcome::kOtherSource : candidate.outcome,
                     .nexthop = attributes_.facts(candidate.attributes).nexthop,
                     .resolved = candidate.recursive ? &recursive_.resolved(candidate.next_hop) : nullptr,
                     .path_id = candidate.path_id,
                     .local_preference = candidate.local_pref,
                     .weight = candidate.weight,
                     .draining = candidate.draining,
                     .stale = candidate.stale});
  }
  return views;
}

std::vector<hash::IpAddress> Rib::draining(const hash::Prefix& prefix) const {
  std::vector<hash::IpAddress> nexthops;
  const EntryId id = entries_.find(prefix);
  if (id == entries_.kNone) return nexthops;
  for (const Path& path : entries_[id].paths.view(entries_[id].path_count)) {
    if (!results_.get(path.result).draining) continue;
    for_each_way(path, [&](const hash::IpAddress& nexthop) { nexthops.push_back(nexthop); });
  }
  std::sort(nexthops.begin(), nexthops.end());
  return nexthops;
}

const PeerCounters* Rib::counters(bgp::PeerId peer) const {
  const Peer* found = find_peer(peer);
  return found == nullptr ? nullptr : &found->counters;
}

std::vector<hash::Prefix> Rib::adj_rib_in(bgp::PeerId id) const {
  std::vector<hash::Prefix> prefixes;
  const Peer* peer = find_peer(id);
  if (peer == nullptr) return prefixes;
  for (EntryId entry : peer->entries) {
    const auto paths = entries_[entry].paths.view(entries_[entry].path_count);
    const auto index = static_cast<uint16_t>(id);
    const auto is_accepted = [&](const Path& path) {
      return path.peer == index && path.result != ImportResults::kRefused;
    };
    if (std::any_of(paths.begin(), paths.end(), is_accepted)) {
      prefixes.push_back(entries_[entry].prefix);
    }
  }
  std::sort(prefixes.begin(), prefixes.end());
  prefixes.erase(std::unique(prefixes.begin(), prefixes.end()), prefixes.end());
  return prefixes;
}

RibCounters Rib::counters() const {
  RibCounters counters = counters_;
  counters.prefixes = entries_.size();
  counters.ipv6_prefixes = entries_.ipv6_size();
  counters.attribute_sets = attributes_.size();
  counters.nexthop_sets = sets_.size();
  return counters;
}

size_t Rib::memory_bytes() const {
  size_t bytes = entries_.memory_bytes() + dirty_.capacity() * sizeof(EntryId);
  for (const auto& peer : peers_) {
    if (peer) bytes += sizeof(Peer) + peer->entries.capacity() * sizeof(EntryId);
  }
  return bytes;
}

}  // namespace ecmpd::control
