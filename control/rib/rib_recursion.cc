// Nexthops that other routes lead to.
//
// Two steps, so that nothing goes in circles: first every route without such paths is decided, then those are resolved,
// by the longest prefix among these routes alone. A prefix with such a path never resolves a nexthop, whether or not it
// has other paths, unless a static route goes before them all: what resolves what follows from paths and configuration,
// not from earlier decisions.
#include <algorithm>
#include <utility>

#include "control/rib/rib.h"

namespace ecmpd::control {

bool Rib::is_recursive(const Path& path) const {
  if (path.result == ImportResults::kRefused || !peers_[path.peer]->info.recursive_nexthops) return false;
  const AttributeTable::Id id = values_.attributes(path.value);
  const AttributeTable::Facts& facts = attributes_.facts(id);
  return facts.nexthop == NexthopVerdict::kUnreachable && !facts.own_as_in_path &&
         !attributes_.get(id).next_hop.is_link_local();
}

/// True when the decision may depend on what leads to a nexthop: of static routes it does not.
bool Rib::waits_for_others(const RibEntry& entry) const {
  if (entry.local && !usable_statics(entry).empty()) return false;
  const auto paths = entry.paths.view(entry.path_count);
  return std::any_of(paths.begin(), paths.end(), [this](const Path& path) { return is_recursive(path); });
}

/// Takes the marked entries that wait out of dirty_, and notes whose nexthops the marked ones may lead to.
std::vector<Rib::EntryId> Rib::set_waiting_aside() {
  for (EntryId id : dirty_) recursive_.touch(entries_[id].prefix);
  const auto waiting = std::stable_partition(dirty_.begin(), dirty_.end(),
                                             [this](EntryId id) { return !waits_for_others(entries_[id]); });
  std::vector<EntryId> aside(waiting, dirty_.end());
  dirty_.erase(waiting, dirty_.end());
  return aside;
}

/// When the other routes are decided: resolves what these entries want and what was touched, and marks every entry that
/// may come out differently.
void Rib::resolve_nexthops(std::span<const EntryId> entries) {
  const auto nexthop_of = [this](const Path& path) -> const hash::IpAddress& {
    return attributes_.get(values_.attributes(path.value)).next_hop;
  };
  for (EntryId id : entries) {
    for (const Path& path : entries_[id].paths.view(entries_[id].path_count)) {
      if (is_recursive(path)) recursive_.want(nexthop_of(path));
    }
  }
  // A look at every entry, when a route that leads somewhere changes. New nexthops are only of entries that are marked.
  const auto changed = recursive_.update([this](const hash::IpAddress& nexthop) { return resolve(nexthop); });
  if (changed.empty()) return;
  entries_.for_each([&](EntryId id, const RibEntry& entry) {
    const auto paths = entry.paths.view(entry.path_count);
    const bool concerned = std::any_of(paths.begin(), paths.end(), [&](const Path& path) {
      return is_recursive(path) && std::binary_search(changed.begin(), changed.end(), nexthop_of(path));
    });
    if (concerned) mark(id);
  });
}

/// The nexthops of the route with the longest prefix. The default route does not count: it leads to anything.
NexthopSet Rib::resolve(const hash::IpAddress& nexthop) const {
  for (uint8_t length = nexthop.bits(); length > 0; --length) {
    const EntryId id = entries_.find(hash::Prefix(nexthop, length));
    if (id == entries_.kNone) continue;
    const RibEntry& entry = entries_[id];
    if (static_cast<RouteSource>(entry.source) == RouteSource::kNone || waits_for_others(entry)) continue;
    return entry.nexthops == kNoNexthops ? NexthopSet{} : sets_.get(entry.nexthops);
  }
  return {};
}

/// What leads to the path's nexthop; null when that needs nothing.
const NexthopSet* Rib::resolution(const Path& path) const {
  if (!is_recursive(path)) return nullptr;
  return &recursive_.resolved(attributes_.get(values_.attributes(path.value)).next_hop);
}

}  // namespace ecmpd::control
