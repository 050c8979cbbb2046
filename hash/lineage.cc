#include "hash/lineage.h"

#include <algorithm>
#include <bit>

namespace ecmpd::hash {

bool valid_founders(const Lineage& lineage) {
  const auto& founders = lineage.founders;
  const auto same = [](const Member& a, const Member& b) { return a.address == b.address; };
  return !founders.empty() && founders.size() <= kMaxMembers && lineage.buckets <= kMaxBuckets &&
         std::has_single_bit(lineage.buckets) && std::is_sorted(founders.begin(), founders.end(), by_address) &&
         std::adjacent_find(founders.begin(), founders.end(), same) == founders.end() &&
         std::all_of(founders.begin(), founders.end(), [](const Member& m) { return m.weight != 0; });
}

}  // namespace ecmpd::hash
