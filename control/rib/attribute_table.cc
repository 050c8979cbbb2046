#include "control/rib/attribute_table.h"

#include <xxhash.h>

#include <algorithm>

namespace ecmpd::control {

namespace {
uint64_t mix(uint64_t sum, uint64_t value) { return XXH3_64bits_withSeed(&value, sizeof value, sum); }

template <typename Element>
uint64_t mix(uint64_t sum, const std::vector<Element>& values) {
  return XXH3_64bits_withSeed(values.data(), values.size() * sizeof(Element), sum + values.size());
}
}  // namespace

size_t AttributesHash::operator()(const bgp::PathAttributes& a) const {
  uint64_t sum = XXH3_64bits_withSeed(a.next_hop.bytes(), a.next_hop.size(), static_cast<uint64_t>(a.origin));
  sum = mix(sum, uint64_t{a.med.value_or(0)} << 32 | a.local_pref.value_or(0));
  for (const bgp::AsPathSegment& segment : a.as_path) {
    sum = mix(sum + static_cast<uint64_t>(segment.type), segment.asns);
  }
  if (!a.communities.empty()) sum = mix(sum, a.communities);
  if (!a.extended_communities.empty()) sum = mix(sum, a.extended_communities);
  if (!a.large_communities.empty()) sum = mix(sum, a.large_communities);
  for (const bgp::UnknownAttribute& unknown : a.unknown) sum = mix(sum + unknown.type, unknown.value);
  return sum;
}

AttributeTable::Facts AttributeTable::facts_of(const bgp::PathAttributes& attributes) const {
  Facts facts;
  facts.as_path_length = bgp::as_path_length(attributes.as_path);
  facts.neighbor_as = bgp::neighbor_as(attributes.as_path);
  for (const bgp::AsPathSegment& segment : attributes.as_path) {
    facts.own_as_in_path |= std::find(segment.asns.begin(), segment.asns.end(), own_asn_) != segment.asns.end();
  }
  return facts;
}

void AttributeTable::check_nexthop(Id id, NexthopVerdict before) {
  const hash::IpAddress& nexthop = table_.get(id).next_hop;
  const NexthopVerdict now = facts_[id].nexthop = connected_.check(nexthop);
  if (now == before) return;
  if (now == NexthopVerdict::kUnreachable) recursive_.use(nexthop);
  if (before == NexthopVerdict::kUnreachable) recursive_.unuse(nexthop);
}

AttributeTable::Id AttributeTable::acquire(const bgp::PathAttributes& attributes) {
  const Id id = table_.acquire(attributes);
  if (table_.references(id) == 1) {
    if (id >= facts_.size()) facts_.resize(id + 1);
    facts_[id] = facts_of(attributes);
    check_nexthop(id, NexthopVerdict::kUsable);
  }
  return id;
}

void AttributeTable::revalidate() {
  for (Id id = 0; id < facts_.size(); ++id) {
    if (table_.references(id) > 0) check_nexthop(id, facts_[id].nexthop);
  }
}

}  // namespace ecmpd::control
