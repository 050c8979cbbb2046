#include "hash/model_tables.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <numeric>

#include "hash/lineage.h"

namespace ecmpd::hash {
namespace {

uint64_t weight_sum(std::span<const Member> members) {
  return std::accumulate(members.begin(), members.end(), uint64_t{0},
                         [](uint64_t sum, const Member& member) { return sum + member.weight; });
}

std::vector<uint16_t> expand(const std::vector<uint64_t>& counts) {
  std::vector<uint16_t> table;
  for (uint16_t i = 0; i < counts.size(); ++i) table.insert(table.end(), counts[i], i);
  return table;
}

}  // namespace

std::vector<uint16_t> vpp_table(std::span<const Member> members) {
  assert(!members.empty() && members.size() <= kMaxMembers);
  constexpr uint64_t kLargest = 8192;
  const uint64_t sum = weight_sum(members);
  std::vector<uint64_t> counts(members.size());
  for (uint64_t size = std::bit_ceil(members.size());; size *= 2) {
    uint64_t left = size;
    uint64_t error = 0;  // times sum
    for (size_t i = 0; i < members.size(); ++i) {
      const uint64_t wanted = size * members[i].weight;  // times sum
      counts[i] = std::min((2 * wanted + sum) / (2 * sum), left);
      left -= counts[i];
      error += std::max(wanted, counts[i] * sum) - std::min(wanted, counts[i] * sum);
    }
    const bool starved = std::find(counts.begin(), counts.end(), 0u) != counts.end();
    counts[0] += left;
    if ((10 * error <= size * sum && !starved) || size >= kLargest) return expand(counts);
  }
}

std::vector<uint16_t> grout_table(std::span<const Member> members) {
  assert(!members.empty() && members.size() <= kMaxMembers);
  const uint64_t sum = weight_sum(members);
  uint64_t divisor = 0;
  for (const Member& member : members) divisor = std::gcd(divisor, uint64_t{member.weight});
  assert(divisor > 0);  // some weight is
  const uint64_t size = std::min<uint64_t>(std::bit_ceil(sum / divisor), kMaxBuckets);
  std::vector<uint64_t> counts;
  uint64_t left = size;
  for (const Member& member : members) {
    const uint64_t share = (size * member.weight + sum - 1) / sum;
    left -= counts.emplace_back(std::min(share, left));
  }
  return expand(counts);
}

}  // namespace ecmpd::hash
