#include "control/rib/decision.h"

#include <algorithm>
#include <tuple>
#include <unordered_set>

namespace ecmpd::control {

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::kBest:
      return "best";
    case Outcome::kMultipath:
      return "multipath";
    case Outcome::kIneligibleLoop:
      return "own AS in AS_PATH";
    case Outcome::kIneligibleNexthop:
      return "nexthop not usable";
    case Outcome::kLocalPref:
      return "lower LOCAL_PREF";
    case Outcome::kAsPathLength:
      return "longer AS_PATH";
    case Outcome::kOrigin:
      return "higher ORIGIN";
    case Outcome::kMed:
      return "higher MED from the same AS";
    case Outcome::kInternal:
      return "iBGP, and there is an eBGP path";
    case Outcome::kMaximumPaths:
      return "beyond maximum_paths";
    case Outcome::kOtherSource:
      return "another source is preferred";
    case Outcome::kFiltered:
      return "refused by the import policy";
  }
  return "?";
}

namespace {

/// Moves those that were marked as lost behind the others, whose order stays. Returns how many are left.
size_t drop_losers(std::span<Candidate> survivors) {
  const auto end = std::stable_partition(survivors.begin(), survivors.end(), [](const Candidate& candidate) {
    return candidate.outcome == Outcome::kBest;
  });
  return static_cast<size_t>(end - survivors.begin());
}

/// Keeps those with the lowest key; the others get `lost`.
template <typename Key>
size_t keep_lowest(std::span<Candidate> survivors, Outcome lost, Key key) {
  auto lowest = key(survivors[0]);
  for (const Candidate& candidate : survivors) lowest = std::min(lowest, key(candidate));
  bool any = false;
  for (Candidate& candidate : survivors) {
    if (key(candidate) == lowest) continue;
    candidate.outcome = lost;
    any = true;
  }
  return any ? drop_losers(survivors) : survivors.size();
}

/// RFC 4271 section 9.1.2.2 c: MEDs are compared only between paths from the same neighboring AS.
size_t keep_lowest_med(std::span<Candidate> survivors) {
  const bool all_equal = std::all_of(survivors.begin(), survivors.end(),
                                     [&](const Candidate& candidate) { return candidate.med == survivors[0].med; });
  if (all_equal) return survivors.size();
  std::sort(survivors.begin(), survivors.end(), [](const Candidate& a, const Candidate& b) {
    return std::tie(a.neighbor_as, a.med) < std::tie(b.neighbor_as, b.med);
  });
  const Candidate* lowest = &survivors[0];  // of the neighboring AS that the loop is in
  for (Candidate& candidate : survivors) {
    if (candidate.neighbor_as != lowest->neighbor_as) lowest = &candidate;
    if (candidate.med != lowest->med) candidate.outcome = Outcome::kMed;
  }
  return drop_losers(survivors);
}

/// Cuts to `maximum_paths` distinct nexthops, in order of preference.
size_t keep_nexthops(std::span<Candidate> survivors, unsigned maximum_paths) {
  if (survivors.size() <= maximum_paths) return survivors.size();
  std::unordered_set<hash::IpAddress> nexthops;
  for (Candidate& candidate : survivors) {
    if (nexthops.contains(candidate.next_hop)) continue;
    if (nexthops.size() < maximum_paths) {
      nexthops.insert(candidate.next_hop);
    } else {
      candidate.outcome = Outcome::kMaximumPaths;
    }
  }
  return drop_losers(survivors);
}

}  // namespace

Decision decide(std::span<Candidate> candidates, unsigned maximum_paths) {
  Decision decision;
  std::span<Candidate> survivors = candidates.first(drop_losers(candidates));
  if (survivors.empty()) return decision;

  // a. .. e. of RFC 4271 section 9.1.2.2, after the degree of preference of section 9.1.1 (LOCAL_PREF).
  survivors = survivors.first(
      keep_lowest(survivors, Outcome::kLocalPref, [](const Candidate& c) { return UINT32_MAX - c.local_pref; }));
  survivors = survivors.first(
      keep_lowest(survivors, Outcome::kAsPathLength, [](const Candidate& c) { return c.as_path_length; }));
  survivors = survivors.first(keep_lowest(survivors, Outcome::kOrigin, [](const Candidate& c) { return c.origin; }));
  survivors = survivors.first(keep_lowest_med(survivors));
  survivors =
      survivors.first(keep_lowest(survivors, Outcome::kInternal, [](const Candidate& c) { return c.ebgp ? 0 : 1; }));

  // f. and g.: what is left is equal up to the nexthop; these only say which one is best.
  std::sort(survivors.begin(), survivors.end(), [](const Candidate& a, const Candidate& b) {
    return std::tie(a.router_id, a.peer_address, a.next_hop) < std::tie(b.router_id, b.peer_address, b.next_hop);
  });
  const size_t equal = survivors.size();
  survivors = survivors.first(keep_nexthops(survivors, maximum_paths));
  decision.truncated = survivors.size() < equal;
  for (size_t i = 0; i < survivors.size(); ++i) survivors[i].outcome = i == 0 ? Outcome::kBest : Outcome::kMultipath;
  decision.used = static_cast<unsigned>(survivors.size());
  return decision;
}

}  // namespace ecmpd::control
