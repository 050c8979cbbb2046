#include "hash/shares.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

namespace ecmpd::hash {

std::vector<uint32_t> largest_remainder(std::span<const uint32_t> weights, uint32_t total) {
  const uint64_t sum = std::accumulate(weights.begin(), weights.end(), uint64_t{0});
  std::vector<uint32_t> shares(weights.size());
  if (sum == 0) return shares;
  std::vector<uint64_t> remainders(weights.size());
  uint32_t left = total;
  for (size_t i = 0; i < weights.size(); ++i) {
    const uint64_t scaled = uint64_t{weights[i]} * total;
    shares[i] = static_cast<uint32_t>(scaled / sum);
    remainders[i] = scaled % sum;
    left -= shares[i];
  }
  std::vector<uint32_t> order(weights.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return remainders[a] > remainders[b]; });
  for (uint32_t i = 0; i < left; ++i) ++shares[order[i]];  // left is less than the number of remainders above 0
  return shares;
}

void lift_to_one(std::span<uint32_t> shares) {
  for (auto& share : shares) {
    if (share != 0) continue;
    --*std::max_element(shares.begin(), shares.end());
    share = 1;
  }
}

std::vector<uint32_t> bucket_quotas(std::span<const Member> members, uint32_t buckets, Random& random) {
  assert(buckets >= members.size());
  std::vector<uint32_t> order(members.size());
  std::iota(order.begin(), order.end(), 0u);
  random.shuffle(std::span(order));  // or the lowest addresses would have what is left over in every table
  std::vector<uint32_t> weights(members.size());
  for (size_t i = 0; i < order.size(); ++i) weights[i] = members[order[i]].weight;
  const auto shuffled = largest_remainder(weights, buckets);
  std::vector<uint32_t> quotas(members.size());
  for (size_t i = 0; i < order.size(); ++i) quotas[order[i]] = shuffled[i];
  lift_to_one(quotas);
  return quotas;
}

double worst_deviation(std::span<const uint16_t> owners, std::span<const Member> members) {
  std::vector<uint32_t> counts(members.size());
  for (const uint16_t owner : owners) ++counts[owner];
  uint64_t sum = 0;
  for (const auto& member : members) sum += member.weight;
  double worst = 0;
  for (size_t i = 0; i < members.size(); ++i) {
    if (members[i].weight == 0) {
      if (counts[i] != 0) return std::numeric_limits<double>::infinity();
      continue;
    }
    const double exact = static_cast<double>(owners.size()) * members[i].weight / static_cast<double>(sum);
    worst = std::max(worst, std::abs(counts[i] - exact) / exact);
  }
  return worst;
}

}  // namespace ecmpd::hash
