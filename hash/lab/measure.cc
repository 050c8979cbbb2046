#include "hash/lab/measure.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "hash/key_common.h"

namespace ecmpd::hash::lab {

std::vector<uint32_t> hash_units(const Units& units, const Hasher& hasher) {
  std::vector<uint32_t> hashes(units.size());
  hasher.bulk(units.keys4.data(), kWholeKey<Key4>, hashes.data(), static_cast<unsigned>(units.keys4.size()));
  hasher.bulk(units.keys6.data(), kWholeKey<Key6>, hashes.data() + units.keys4.size(),
              static_cast<unsigned>(units.keys6.size()));
  return hashes;
}

Units masked_units(const Units& units, const KeyFields& fields) {
  Units out = units;
  const Key4 mask_of_4 = mask4(fields, true);
  const Key6 mask_of_6 = mask6(fields, true);
  for (Key4& key : out.keys4) key = masked(fields.symmetric ? sort_endpoints(key) : key, mask_of_4);
  for (Key6& key : out.keys6) key = masked(fields.symmetric ? sort_endpoints(key) : key, mask_of_6);
  return out;
}

Loads place_units(const Units& units, std::span<const uint32_t> hashes, const BucketTable& table, size_t members) {
  Loads loads{std::vector<uint64_t>(members), std::vector<uint64_t>(members), std::vector<uint64_t>(members)};
  for (size_t i = 0; i < hashes.size(); ++i) {
    const uint16_t member = table.owner(hashes[i]);
    loads.units[member] += 1;
    loads.flows[member] += units.flows[i];
    loads.bytes[member] += units.bytes[i];
  }
  return loads;
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::kUneven:
      return "uneven";
    case Verdict::kTooEven:
      return "too even (structured)";
    case Verdict::kTableUneven:
      return "uneven (table)";
    case Verdict::kEven:
      break;
  }
  return "even";
}

double table_deviation(std::span<const uint32_t> entries, std::span<const uint32_t> weights) {
  const auto all_entries = static_cast<double>(std::accumulate(entries.begin(), entries.end(), uint64_t{0}));
  const auto all_weights = static_cast<double>(std::accumulate(weights.begin(), weights.end(), uint64_t{0}));
  double worst = 0;
  for (size_t i = 0; i < entries.size(); ++i) {
    worst = std::max(worst, std::abs(entries[i] * all_weights / (weights[i] * all_entries) - 1));
  }
  return worst;
}

Verdict judge(const Tails& of_table, const Tails& of_weights, double table_deviation) {
  if (of_table.two_sided() < kSignificance) {
    return of_table.upper < of_table.lower ? Verdict::kUneven : Verdict::kTooEven;
  }
  const bool visible = of_weights.upper < kSignificance / 2;
  return visible && table_deviation > kTableGrain ? Verdict::kTableUneven : Verdict::kEven;
}

}  // namespace ecmpd::hash::lab
