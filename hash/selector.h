// Selectors: from a hash to a member of the nexthop array.
//
// Every selector ends in a table that the worker indexes: `modulo` by hash % size (one entry a unit of weight, the
// classic router), the others by the hash's low bits (size is a power of two). index_of() is the function that the
// worker and explain both call. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "hash/layout.h"

namespace ecmpd::hash {

enum class Selector : uint8_t { kModulo, kResilient };

std::optional<Selector> parse_selector(std::string_view name);
std::string_view to_string(Selector selector);

/// Index into a table of `size` entries. `size` is at least 1, and a power of two unless the selector is modulo.
inline uint32_t bucket_index(uint32_t hash, uint32_t size, bool modulo) { return modulo ? hash % size : hash & (size - 1); }

/// The nexthop array of `modulo`: members in order of address, each `weight` times after division by the greatest
/// common divisor; entries are indexes into `members`. When that exceeds kMaxBuckets entries, weights are scaled down
/// by largest remainder, no member below 1.
std::vector<uint16_t> modulo_table(std::span<const Member> members);

/// How far a table is from the exact shares: the largest |buckets - exact| / exact over the members, 0 for perfect.
/// `owners` index into `members`; members that own nothing and are not live are given weight 0 by the caller.
double worst_deviation(std::span<const uint16_t> owners, std::span<const Member> members);

/// Exact integer shares of `total` in proportion to weights, by largest remainder (ties to the lower index).
std::vector<uint32_t> largest_remainder(std::span<const uint32_t> weights, uint32_t total);

}  // namespace ecmpd::hash
