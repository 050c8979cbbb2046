#include "hash/selector.h"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace ecmpd::hash {

std::optional<Selector> parse_selector(std::string_view name) {
  for (const Selector selector : {Selector::kModulo, Selector::kResilient}) {
    if (name == to_string(selector)) return selector;
  }
  return std::nullopt;
}

std::string_view to_string(Selector selector) { return selector == Selector::kModulo ? "modulo" : "resilient"; }

std::vector<uint16_t> modulo_table(std::span<const Member> members) {
  assert(!members.empty() && members.size() <= HomeLayout::kMaxMembers);
  uint32_t divisor = 0;
  for (const auto& member : members) divisor = std::gcd(divisor, uint32_t{member.weight});
  std::vector<uint32_t> entries;
  uint64_t total = 0;
  for (const auto& member : members) total += entries.emplace_back(member.weight / divisor);
  if (total > HomeLayout::kMaxBuckets) {
    entries = largest_remainder(entries, HomeLayout::kMaxBuckets);
    lift_to_one(entries);
  }

  std::vector<uint16_t> order(members.size());
  std::iota(order.begin(), order.end(), uint16_t{0});
  std::sort(order.begin(), order.end(),
            [&](uint16_t a, uint16_t b) { return members[a].address < members[b].address; });
  std::vector<uint16_t> table;
  for (const uint16_t member : order) table.insert(table.end(), entries[member], member);
  return table;
}

}  // namespace ecmpd::hash
