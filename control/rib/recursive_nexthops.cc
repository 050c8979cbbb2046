#include "control/rib/recursive_nexthops.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace ecmpd::control {

void RecursiveNexthops::unuse(const hash::IpAddress& nexthop) {
  const auto found = nexthops_.find(nexthop);
  if (--found->second.users > 0) return;
  nexthops_.erase(found);
  touched_.erase(nexthop);
}

void RecursiveNexthops::want(const hash::IpAddress& nexthop) {
  Nexthop& here = nexthops_.find(nexthop)->second;
  if (!std::exchange(here.wanted, true)) touched_.insert(nexthop);
}

void RecursiveNexthops::touch(const hash::Prefix& prefix) {
  if (prefix.length() == 0) return;  // it never leads anywhere
  for (auto it = nexthops_.lower_bound(prefix.address()); it != nexthops_.end() && prefix.contains(it->first); ++it) {
    if (it->second.wanted) touched_.insert(it->first);
  }
}

void RecursiveNexthops::touch_all() {
  for (const auto& [nexthop, here] : nexthops_) {
    if (here.wanted) touched_.insert(nexthop);
  }
}

std::vector<hash::IpAddress> RecursiveNexthops::update(
    const std::function<NexthopSet(const hash::IpAddress&)>& resolve) {
  std::vector<hash::IpAddress> changed;
  for (const hash::IpAddress& nexthop : touched_) {
    NexthopSet now = resolve(nexthop);
    Nexthop& here = nexthops_.find(nexthop)->second;
    if (std::exchange(here.known, true) && here.resolved != now) changed.push_back(nexthop);
    here.resolved = std::move(now);
  }
  touched_.clear();
  return changed;
}

const NexthopSet& RecursiveNexthops::resolved(const hash::IpAddress& nexthop) const {
  static const NexthopSet kNone;
  const auto found = nexthops_.find(nexthop);
  return found == nexthops_.end() ? kNone : found->second.resolved;
}

std::set<hash::IpAddress> RecursiveNexthops::leading() const {
  std::set<hash::IpAddress> out;
  for (const auto& [nexthop, here] : nexthops_) {
    for (const hash::Member& member : here.resolved) out.insert(member.address);
  }
  return out;
}

void RecursiveNexthops::expand(NexthopSet& set) const {
  const auto total = [](const NexthopSet& members) {
    return std::accumulate(members.begin(), members.end(), uint64_t{0},
                           [](uint64_t sum, const hash::Member& member) { return sum + member.weight; });
  };
  // A member's share is split by the weights of those that lead to it; with a common multiple of their sums all shares
  // stay whole.
  uint64_t multiple = 1;
  bool any = false;
  for (const hash::Member& member : set) {
    const NexthopSet& via = resolved(member.address);
    if (via.empty()) continue;
    any = true;
    multiple = std::min<uint64_t>(UINT16_MAX, std::lcm(multiple, total(via)));
  }
  if (!any) return;
  std::map<hash::IpAddress, uint64_t> shares;
  for (const hash::Member& member : set) {
    const NexthopSet& via = resolved(member.address);
    if (via.empty()) shares[member.address] += multiple * member.weight;
    for (const hash::Member& leading : via) {
      shares[leading.address] += std::max<uint64_t>(1, multiple * member.weight * leading.weight / total(via));
    }
  }
  uint64_t divisor = 0;
  uint64_t largest = 0;
  for (const auto& [address, share] : shares) {
    divisor = std::gcd(divisor, share);
    largest = std::max(largest, share);
  }
  divisor = std::max(divisor, largest / UINT16_MAX + (largest % UINT16_MAX != 0));
  set.clear();
  for (const auto& [address, share] : shares) {
    set.push_back({address, static_cast<uint16_t>(std::max<uint64_t>(1, share / divisor))});
  }
}

}  // namespace ecmpd::control
