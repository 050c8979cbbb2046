#include "hash/maglev.h"

#include <algorithm>
#include <cassert>
#include <limits>

#include "hash/random.h"
#include "hash/rendezvous.h"
#include "hash/shares.h"

namespace ecmpd::hash {
namespace {

/// A member's way through its permutation.
struct Walker {
  uint64_t key = 0;
  uint16_t member = 0;
  uint16_t weight = 0;
  uint32_t quota = 0;  // entries that it may take still
  uint32_t at = 0;     // next entry of the permutation
  uint32_t skip = 1;
  uint32_t credit = 0;

  void step(uint32_t size) {
    at += skip;
    if (at >= size) at -= size;
  }
};

bool is_prime(uint32_t number) {
  if (number < 4) return number > 1;
  if (number % 2 == 0) return false;
  for (uint32_t i = 3; uint64_t{i} * i <= number; i += 2) {
    if (number % i == 0) return false;
  }
  return true;
}

}  // namespace

uint32_t maglev_size(uint32_t buckets) {
  uint32_t size = buckets + 1;
  while (!is_prime(size)) ++size;
  return size;
}

std::vector<uint16_t> maglev_table(std::span<const Member> members, uint32_t size, uint64_t seed) {
  assert(!members.empty() && members.size() < size);
  std::vector<Walker> walkers;
  for (const Member& member : members) {
    uint64_t state = member_key(member.address, table_seed(seed));
    Walker walker{.key = state, .member = static_cast<uint16_t>(walkers.size()), .weight = member.weight};
    walker.at = static_cast<uint32_t>((splitmix64(state) >> 32) * size >> 32);
    walker.skip = static_cast<uint32_t>((splitmix64(state) >> 32) * (size - 1) >> 32) + 1;
    walkers.push_back(walker);
  }
  // Turns, and what is left over of the shares, go by key: not always to the lowest addresses first.
  std::sort(walkers.begin(), walkers.end(),
            [](const Walker& a, const Walker& b) { return a.key != b.key ? a.key < b.key : a.member < b.member; });
  std::vector<uint32_t> weights;
  for (const Walker& walker : walkers) weights.push_back(walker.weight);
  auto quotas = largest_remainder(weights, size);
  lift_to_one(quotas);
  for (size_t i = 0; i < walkers.size(); ++i) walkers[i].quota = quotas[i];

  constexpr uint16_t kFree = std::numeric_limits<uint16_t>::max();
  std::vector<uint16_t> table(size, kFree);
  const uint32_t price = *std::max_element(weights.begin(), weights.end());
  for (uint32_t filled = 0; filled < size;) {
    for (Walker& walker : walkers) {
      walker.credit += walker.weight;
      if (walker.credit < price || walker.quota == 0) continue;
      walker.credit -= price;
      while (table[walker.at] != kFree) walker.step(size);
      table[walker.at] = walker.member;
      walker.step(size);
      --walker.quota;
      ++filled;
    }
    std::erase_if(walkers, [](const Walker& walker) { return walker.quota == 0; });
  }
  return table;
}

}  // namespace ecmpd::hash
