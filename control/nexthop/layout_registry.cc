#include "control/nexthop/layout_registry.h"

#include <algorithm>
#include <bit>
#include <cassert>

#include "control/log.h"

namespace ecmpd::control {

namespace {

using hash::Home;
using hash::Lineage;
using hash::Member;

const Member* find_member(std::span<const Member> members, const hash::IpAddress& address) {
  const auto found =
      std::lower_bound(members.begin(), members.end(), address,
                       [](const Member& member, const hash::IpAddress& key) { return member.address < key; });
  return found != members.end() && found->address == address ? &*found : nullptr;
}

/// `from` with the members (and weights) of `target`: strikes, then new weights, then newcomers; each in order of
/// address.
std::vector<Lineage::Step> steps_to(std::span<const Member> from, std::span<const Member> target) {
  std::vector<Lineage::Step> steps;
  for (const Member& member : from) {
    if (find_member(target, member.address) == nullptr) steps.push_back({Lineage::Step::Kind::kStrike, member});
  }
  for (const Member& member : target) {
    const Member* old = find_member(from, member.address);
    if (old != nullptr && old->weight != member.weight) steps.push_back({Lineage::Step::Kind::kReweigh, member});
  }
  for (const Member& member : target) {
    if (find_member(from, member.address) == nullptr) steps.push_back({Lineage::Step::Kind::kJoin, member});
  }
  return steps;
}

/// The members of `layout` with those of `set` on top. Beyond kMaxMembers, members that `set` has not are left out.
std::vector<Member> united(std::span<const Member> members, const NexthopSet& set) {
  std::vector<Member> result(set.begin(), set.end());
  for (const Member& member : members) {
    if (result.size() == hash::kMaxMembers) break;
    if (find_member(set, member.address) == nullptr) result.push_back(member);
  }
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace

bool LayoutRegistry::covers(LayoutId id, const NexthopSet& set) const {
  const auto members = get(id).members();
  return std::all_of(set.begin(), set.end(), [&](const Member& member) {
    const Member* found = find_member(members, member.address);
    return found != nullptr && found->weight == member.weight;
  });
}

bool LayoutRegistry::disjoint(LayoutId id, const NexthopSet& set) const {
  const auto members = get(id).members();
  return std::none_of(set.begin(), set.end(),
                      [&](const Member& member) { return find_member(members, member.address) != nullptr; });
}

LayoutId LayoutRegistry::find(const Lineage& lineage) const {
  const auto found = by_lineage_.find(lineage);
  return found == by_lineage_.end() ? kNoLayout : found->second;
}

LayoutId LayoutRegistry::add(std::shared_ptr<const Home> layout, std::shared_ptr<const Home> base, Time now) {
  const LayoutId known = find(layout->lineage());
  if (known != kNoLayout) return known;
  LayoutId id;
  if (free_.empty()) {
    id = LayoutId{static_cast<uint32_t>(entries_.size())};
    entries_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  Entry& fresh = entry(id);
  fresh.created = now;
  fresh.base = std::move(base);
  fresh.announcers.assign(layout->members().size(), 0);
  fresh.away_since.assign(layout->members().size(), now);
  by_lineage_.emplace(layout->lineage(), id);
  fresh.layout = std::move(layout);
  unused_.push_back(id);
  return id;
}

LayoutId LayoutRegistry::choose(const NexthopSet& set, Time now) {
  LayoutId best = kNoLayout;
  for (const auto& [lineage, id] : by_lineage_) {
    if (users(id) == 0 || !covers(id, set)) continue;
    if (best == kNoLayout || users(id) > users(best)) best = id;
  }
  if (best != kNoLayout) return best;

  const auto at_least = std::bit_ceil(static_cast<uint32_t>(set.size()));
  const uint32_t buckets =
      settings_.buckets == 0 ? hash::HomeLayout::auto_buckets(set) : std::max(settings_.buckets, at_least);
  const LayoutId known = find({.founders = set, .steps = {}, .buckets = buckets});
  return known != kNoLayout ? known : add(Home::build(settings_.selector, set, buckets, settings_.seed), nullptr, now);
}

LayoutId LayoutRegistry::grow(LayoutId from, const NexthopSet& set, Time now) {
  const Entry& parent = entry(from);
  const bool young = parent.base != nullptr && now - parent.created < settings_.settle;
  const std::shared_ptr<const Home> base = young ? parent.base : parent.layout;
  const std::vector<Member> target = united(parent.layout->members(), set);
  const bool any_stays = std::any_of(target.begin(), target.end(), [&](const Member& member) {
    return find_member(base->members(), member.address) != nullptr;
  });
  if (!any_stays) return choose(set, now);  // everybody is new: there is nothing to grow from
  const std::vector<Lineage::Step> steps = steps_to(base->members(), target);
  if (base->lineage().steps.size() + steps.size() > kMaxSteps) return found_anew(from, set, now);
  Lineage lineage = base->lineage();
  lineage.steps.insert(lineage.steps.end(), steps.begin(), steps.end());
  const LayoutId known = find(lineage);
  return known != kNoLayout ? known : add(hash::take_steps<Home>(base, steps), base, now);
}

LayoutId LayoutRegistry::found_anew(LayoutId from, const NexthopSet& set, Time now) {
  const Entry& old = entry(from);
  std::vector<Member> present;
  for (size_t i = 0; i < old.announcers.size(); ++i) {
    if (!is_away(old, i, now)) present.push_back(old.layout->members()[i]);
  }
  log::info("route", "the layout of {} nodes has changed {} times and is built anew: connections of its services move",
            old.layout->members().size(), old.layout->lineage().steps.size());
  return choose(united(present, set), now);
}

LayoutId LayoutRegistry::adopt(const Lineage& lineage, Time now) {
  const LayoutId known = find(lineage);
  if (known != kNoLayout) return known;
  if (lineage.steps.size() > kMaxSteps) return kNoLayout;  // nobody records such a one
  auto layout = Home::replay(settings_.selector, lineage, settings_.seed);
  return layout == nullptr ? kNoLayout : add(std::move(layout), nullptr, now);
}

void LayoutRegistry::remove_user(LayoutId id) {
  assert(users(id) > 0);
  if (--entry(id).users == 0) unused_.push_back(id);
}

void LayoutRegistry::announced(LayoutId id, const NexthopSet& set) {
  Entry& layout = entry(id);
  for (const Member& member : set) {
    away_changes_ += layout.announcers[static_cast<size_t>(layout.layout->index_of(member.address))]++ == 0;
  }
}

void LayoutRegistry::withdrawn(LayoutId id, const NexthopSet& set, Time now) {
  Entry& layout = entry(id);
  for (const Member& member : set) {
    const auto index = static_cast<size_t>(layout.layout->index_of(member.address));
    if (--layout.announcers[index] > 0) continue;
    layout.away_since[index] = now;
    ++away_changes_;
  }
}

std::vector<hash::IpAddress> LayoutRegistry::away(LayoutId id) const {
  const Entry& layout = entry(id);
  std::vector<hash::IpAddress> out;
  for (size_t i = 0; i < layout.announcers.size(); ++i) {
    if (layout.announcers[i] == 0) out.push_back(layout.layout->members()[i].address);
  }
  return out;
}

void LayoutRegistry::configure(const LayoutSettings& settings) {
  const bool others = settings.selector != settings_.selector || settings.seed != settings_.seed ||
                      settings.buckets != settings_.buckets;
  settings_ = settings;
  if (others) by_lineage_.clear();
}

void LayoutRegistry::collect() {
  for (LayoutId id : unused_) {
    Entry& unused = entry(id);
    if (unused.layout == nullptr || unused.users > 0) continue;
    const auto named = by_lineage_.find(unused.layout->lineage());
    if (named != by_lineage_.end() && named->second == id) by_lineage_.erase(named);
    unused = {};
    free_.push_back(id);
  }
  unused_.clear();
}

bool LayoutRegistry::expire(Time now) {
  bool any = false;
  for (uint32_t raw = 1; raw < entries_.size(); ++raw) {
    Entry& aging = entries_[raw];
    if (aging.layout == nullptr) continue;
    if (now - aging.created >= settings_.settle) aging.base = nullptr;
    std::vector<Member> staying;
    bool announced = false;
    for (size_t i = 0; i < aging.announcers.size(); ++i) {
      announced |= aging.announcers[i] > 0;
      if (!is_away(aging, i, now)) staying.push_back(aging.layout->members()[i]);
    }
    // A layout that is only remembered goes with the memory of it.
    if (!announced || staying.size() == aging.announcers.size()) continue;
    any |= strike(LayoutId{raw}, staying);
  }
  return any;
}

/// In place: the groups and prefixes of the layout keep its id, since their tables stay what they are. (Should the new
/// lineage exist already, the two stay apart: equal tables, no harm.) False: the history is full, and they stay until
/// the layout is founded anew.
bool LayoutRegistry::strike(LayoutId id, const std::vector<Member>& members) {
  Entry& aging = entry(id);
  const auto old = aging.layout;
  const std::vector<Lineage::Step> steps = steps_to(old->members(), members);
  if (old->lineage().steps.size() + steps.size() > kMaxSteps) return false;
  const auto named = by_lineage_.find(old->lineage());
  if (named != by_lineage_.end() && named->second == id) by_lineage_.erase(named);
  aging.layout = hash::take_steps<Home>(old, steps);
  by_lineage_.emplace(aging.layout->lineage(), id);
  std::vector<uint32_t> announcers;
  std::vector<Time> away_since;
  for (const Member& member : members) {
    const auto index = static_cast<size_t>(old->index_of(member.address));
    announcers.push_back(aging.announcers[index]);
    away_since.push_back(aging.away_since[index]);
  }
  aging.announcers = std::move(announcers);
  aging.away_since = std::move(away_since);
  return true;
}

}  // namespace ecmpd::control
