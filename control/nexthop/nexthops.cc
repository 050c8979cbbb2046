#include "control/nexthop/nexthops.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace ecmpd::control {

void Nexthops::answered(Nexthop& nexthop) {
  if (nexthop.answered) return;
  nexthop.answered = true;
  if (nexthop.uses > 0) --unanswered_;
}

bool Nexthops::up(const hash::IpAddress& address, dataplane::AdjacencyId adjacency, dataplane::PortIndex port) {
  Nexthop& nexthop = nexthops_[address];
  answered(nexthop);
  const bool changed = !nexthop.up || nexthop.adjacency != adjacency;
  nexthop.up = nexthop.resolved_once = true;
  nexthop.adjacency = adjacency;
  nexthop.port = port;
  return changed;
}

bool Nexthops::down(const hash::IpAddress& address) {
  const auto found = nexthops_.find(address);
  if (found == nexthops_.end()) return false;
  const bool changed = found->second.up || !found->second.answered;
  answered(found->second);
  found->second.up = false;
  drop_if_idle(address);
  return changed;
}

void Nexthops::leave(const hash::IpAddress& address) {
  const auto found = nexthops_.find(address);
  if (found == nexthops_.end() || std::exchange(found->second.leaving, true)) return;
  leaving_.push_back(address);
}

std::vector<hash::IpAddress> Nexthops::stay_all() {
  for (const hash::IpAddress& address : leaving_) {
    const auto found = nexthops_.find(address);
    if (found != nexthops_.end()) found->second.leaving = false;
  }
  return std::exchange(leaving_, {});
}

std::optional<dataplane::AdjacencyId> Nexthops::resolved(const hash::IpAddress& address) const {
  const auto found = nexthops_.find(address);
  if (found == nexthops_.end() || !found->second.up) return std::nullopt;
  return found->second.adjacency;
}

const Nexthops::Nexthop* Nexthops::find(const hash::IpAddress& address) const {
  const auto found = nexthops_.find(address);
  return found == nexthops_.end() ? nullptr : &found->second;
}

void Nexthops::use(const NexthopSet& set) {
  for (const hash::Member& member : set) {
    Nexthop& nexthop = nexthops_[member.address];
    if (nexthop.uses++ > 0) continue;
    nexthop.answered = nexthop.up;
    if (!nexthop.answered) ++unanswered_;
    if (in_use_) in_use_(member.address, true);
  }
}

void Nexthops::unuse(const NexthopSet& set) {
  for (const hash::Member& member : set) {
    Nexthop& nexthop = nexthops_[member.address];
    assert(nexthop.uses > 0);
    if (--nexthop.uses > 0) continue;
    if (!nexthop.answered) --unanswered_;
    if (in_use_) in_use_(member.address, false);
    drop_if_idle(member.address);
  }
}

void Nexthops::drop_if_idle(const hash::IpAddress& address) {
  const auto found = nexthops_.find(address);
  if (found->second.uses == 0 && !found->second.up && found->second.groups.empty()) nexthops_.erase(found);
}

void Nexthops::add_group(const NexthopSet& set, uint32_t group) {
  for (const hash::Member& member : set) nexthops_[member.address].groups.push_back(group);
}

void Nexthops::remove_group(const NexthopSet& set, uint32_t group) {
  for (const hash::Member& member : set) {
    auto& groups = nexthops_[member.address].groups;
    const auto found = std::find(groups.begin(), groups.end(), group);
    assert(found != groups.end());
    *found = groups.back();
    groups.pop_back();
  }
}

std::vector<hash::IpAddress> Nexthops::in_use() const {
  std::vector<hash::IpAddress> addresses;
  for (const auto& [address, nexthop] : nexthops_) {
    if (nexthop.uses > 0) addresses.push_back(address);
  }
  std::sort(addresses.begin(), addresses.end());
  return addresses;
}

}  // namespace ecmpd::control
