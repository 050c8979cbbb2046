#include "control/rib/adj_rib_out.h"

#include <algorithm>

namespace ecmpd::control {
namespace {

/// RFC 4360 section 2: the second highest bit of the type says that a community is not transitive over ASes.
bool is_transitive(bgp::ExtendedCommunity community) { return (community >> 62 & 1) == 0; }

void add_communities(std::vector<bgp::Community>& to, const std::vector<uint32_t>& from) {
  for (const uint32_t community : from) {
    if (!bgp::has_community(to, community)) to.push_back(community);
  }
}

void prepend(std::vector<bgp::AsPathSegment>& path, uint32_t asn, unsigned times) {
  if (times == 0) return;
  if (path.empty() || path.front().type != bgp::AsPathSegment::Type::kSequence)
    path.insert(path.begin(), bgp::AsPathSegment{});
  path.front().asns.insert(path.front().asns.begin(), times, asn);
}

}  // namespace

void AdjRibOut::set_filter(const ExportFilter& filter) {
  filter_ = filter;
  contributors_.clear();
  for (const auto& [prefix, id] : pending_) {
    if (id != kNothing) table_.release(id);
  }
  pending_.clear();
  // What the calls that follow do not bring again is withdrawn.
  for (const auto& [prefix, id] : told_) pending_.emplace(prefix, kNothing);
}

/// Inside our AS a path with it would be a loop (RFC 4271 section 5.1.2 b).
unsigned AdjRibOut::times_own_as(const ExportRule& rule) const { return target_.ebgp ? rule.prepend + 1u : 0u; }

std::optional<bgp::PathAttributes> AdjRibOut::wanted(const hash::Prefix& prefix, const BestRoute& best) const {
  const auto rule = std::find_if(filter_.rules.begin(), filter_.rules.end(),
                                 [&](const ExportRule& one) { return one.matches(prefix); });
  if (rule == filter_.rules.end()) return std::nullopt;
  if (best.from == target_.peer) return std::nullopt;    // it said so itself
  if (!best.ebgp && !target_.ebgp) return std::nullopt;  // RFC 4271 section 9.2: not from iBGP to iBGP
  bgp::PathAttributes out;
  out.origin = bgp::Origin::kIgp;
  if (best.attributes != nullptr) out = *best.attributes;
  if (bgp::has_community(out.communities, bgp::kNoAdvertise)) return std::nullopt;
  if (target_.ebgp && (bgp::has_community(out.communities, bgp::kNoExport) ||
                       bgp::has_community(out.communities, bgp::kNoExportSubconfed))) {
    return std::nullopt;
  }
  out.next_hop = {};
  if (target_.ebgp) {
    out.med.reset();
    out.local_pref.reset();
    std::erase_if(out.extended_communities, [](bgp::ExtendedCommunity one) { return !is_transitive(one); });
  } else {
    out.local_pref = best.local_preference;
  }
  add_communities(out.communities, rule->add_communities);
  prepend(out.as_path, target_.own_asn, times_own_as(*rule));
  return out;
}

void AdjRibOut::want(const hash::Prefix& prefix, const std::optional<bgp::PathAttributes>& attributes) {
  const auto told = told_.find(prefix);
  const Table::Id id = attributes ? table_.acquire(*attributes) : kNothing;
  const Table::Id before = told == told_.end() ? kNothing : told->second;
  if (id == before) {
    if (id != kNothing) table_.release(id);
    const auto pending = pending_.find(prefix);  // it had changed, and has changed back
    if (pending == pending_.end()) return;
    if (pending->second != kNothing) table_.release(pending->second);
    pending_.erase(pending);
    return;
  }
  const auto [pending, fresh] = pending_.try_emplace(prefix, id);
  if (fresh) return;
  if (pending->second != kNothing) table_.release(pending->second);
  pending->second = id;
}

/// Keeps account of the routes that hold aggregates up.
void AdjRibOut::count(const hash::Prefix& prefix, bool there) {
  contributors_.resize(filter_.rules.size());
  for (size_t i = 0; i < filter_.rules.size(); ++i) {
    const ExportRule& rule = filter_.rules[i];
    if (!rule.aggregate || !rule.aggregate->contains(prefix)) continue;
    std::set<hash::Prefix>& routes = contributors_[i];
    if (there) {
      routes.insert(prefix);
    } else {
      routes.erase(prefix);
    }
    if (routes.empty()) {
      want(*rule.aggregate, std::nullopt);
      continue;
    }
    bgp::PathAttributes attributes;
    attributes.origin = bgp::Origin::kIgp;
    attributes.atomic_aggregate = true;  // RFC 4271 section 9.1.4: the paths below are left out
    attributes.aggregator = bgp::Aggregator{target_.own_asn, target_.router_id};
    add_communities(attributes.communities, rule.add_communities);
    prepend(attributes.as_path, target_.own_asn, times_own_as(rule));
    want(*rule.aggregate, attributes);
  }
}

void AdjRibOut::route_changed(const hash::Prefix& prefix, const BestRoute* best) {
  if (!target_.families.contains(prefix.family())) return;
  const auto is_aggregate = [&](const ExportRule& rule) { return rule.aggregate == prefix; };
  // An aggregate is announced as such, whatever route of the very prefix there is.
  if (std::none_of(filter_.rules.begin(), filter_.rules.end(), is_aggregate)) {
    want(prefix, best == nullptr ? std::nullopt : wanted(prefix, *best));
  }
  const bool counts = best != nullptr && best->from != target_.peer;
  count(prefix, counts);
}

void AdjRibOut::add_aggregates(std::set<hash::Prefix>& to) const {
  for (const ExportRule& rule : filter_.rules) {
    if (rule.aggregate && told_.contains(*rule.aggregate)) to.insert(*rule.aggregate);
  }
}

AdjRibOut::Changes AdjRibOut::take() {
  if (repeat_.any()) {
    // Only now: want() takes back what is pending and no change.
    for (const auto& [prefix, id] : told_) {
      if (repeat_.contains(prefix.family()) && pending_.try_emplace(prefix, id).second) table_.retain(id);
    }
    repeat_ = {};
  }
  Changes out;
  std::map<Table::Id, std::vector<hash::Prefix>> by_attributes;
  for (const auto& [prefix, id] : pending_) {
    const auto told = told_.find(prefix);
    const size_t is_ipv6 = prefix.family() == hash::Family::kIpv6 ? 1 : 0;
    if (told != told_.end()) {
      told_ipv6_ -= is_ipv6;
      table_.release(told->second);
      told_.erase(told);
      if (id == kNothing) out.withdrawn.push_back(prefix);
    }
    if (id == kNothing) continue;
    told_.emplace(prefix, id);
    told_ipv6_ += is_ipv6;
    by_attributes[id].push_back(prefix);
  }
  pending_.clear();
  for (auto& [id, prefixes] : by_attributes) out.announced.push_back({table_.get(id), std::move(prefixes)});
  return out;
}

}  // namespace ecmpd::control
