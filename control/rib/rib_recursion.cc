// Nexthops that other routes lead to.
//
// Two steps, so that nothing goes in circles: first every route without such paths is decided, then those are resolved,
// by the longest prefix among these routes alone. A prefix with such a path never resolves a nexthop, whether or not it
// has other paths: what resolves what follows from the paths, not from earlier decisions.
#include <algorithm>
#include <utility>

#include "control/rib/rib.h"

namespace ecmpd::control {

bool Rib::is_recursive(const Path& path) const {
  const NexthopVerdict nexthop = attributes_.facts(values_.attributes(path.value)).nexthop;
  return nexthop == NexthopVerdict::kUnreachable && peers_[path.peer]->info.recursive_nexthops;
}

bool Rib::has_recursive_path(const RibEntry& entry) const {
  const auto paths = entry.paths.view(entry.path_count);
  return std::any_of(paths.begin(), paths.end(), [this](const Path& path) { return is_recursive(path); });
}

/// Takes the marked entries with such paths out of dirty_, and notes whose nexthops the marked ones may lead to.
std::vector<Rib::EntryId> Rib::set_recursive_aside() {
  std::vector<EntryId> aside;
  for (EntryId id : dirty_) {
    recursive_.touch(entries_[id].prefix);
    if (has_recursive_path(entries_[id])) aside.push_back(id);
  }
  if (!aside.empty()) std::erase_if(dirty_, [this](EntryId id) { return has_recursive_path(entries_[id]); });
  return aside;
}

/// When the routes without such paths are decided: resolves what these entries want and what was touched, and marks
/// every entry that comes out differently.
void Rib::resolve_nexthops(std::span<const EntryId> entries) {
  const auto nexthop_of = [this](const Path& path) -> const hash::IpAddress& {
    return attributes_.get(values_.attributes(path.value)).next_hop;
  };
  for (EntryId id : entries) {
    for (const Path& path : entries_[id].paths.view(entries_[id].path_count)) {
      if (is_recursive(path)) recursive_.want(nexthop_of(path));
    }
  }
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
    if (static_cast<RouteSource>(entry.source) == RouteSource::kNone || has_recursive_path(entry)) continue;
    return entry.nexthops == kNoNexthops ? NexthopSet{} : sets_.get(entry.nexthops);
  }
  return {};
}

}  // namespace ecmpd::control
