#include "hash/unit_table.h"

#include <cassert>
#include <numeric>

#include "hash/lineage.h"
#include "hash/shares.h"

namespace ecmpd::hash {

std::vector<uint16_t> unit_table(std::span<const Member> members) {
  assert(!members.empty() && members.size() <= kMaxMembers);
  uint32_t divisor = 0;
  for (const auto& member : members) divisor = std::gcd(divisor, uint32_t{member.weight});
  std::vector<uint32_t> entries;
  uint64_t total = 0;
  for (const auto& member : members) total += entries.emplace_back(member.weight / divisor);
  if (total > kMaxBuckets) {
    entries = largest_remainder(entries, kMaxBuckets);
    lift_to_one(entries);
  }
  std::vector<uint16_t> table;
  for (uint16_t member = 0; member < entries.size(); ++member) table.insert(table.end(), entries[member], member);
  return table;
}

}  // namespace ecmpd::hash
