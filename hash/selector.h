// Selectors: from a hash to a member of the nexthop array.
//
// Every selector ends in a table that the worker indexes: `modulo` by hash % size (one entry a unit of weight, the
// classic router), the others by the hash's low bits (size is a power of two). bucket_index() is the function that the
// worker and explain both call. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "hash/layout.h"
#include "hash/shares.h"

namespace ecmpd::hash {

enum class Selector : uint8_t { kModulo, kResilient };

/// "modulo" or "resilient".
std::optional<Selector> parse_selector(std::string_view name);
std::string_view to_string(Selector selector);

/// Index into a table of `size` entries. `size` is at least 1, and a power of two unless the selector is modulo.
inline uint32_t bucket_index(uint32_t hash, uint32_t size, bool modulo) {
  return modulo ? hash % size : hash & (size - 1);
}

/// The nexthop array of `modulo`: members in order of address, each `weight` times after division by the greatest
/// common divisor; entries are indexes into `members`. When that exceeds HomeLayout::kMaxBuckets entries, weights are
/// scaled down by largest remainder, no member below 1.
std::vector<uint16_t> modulo_table(std::span<const Member> members);

}  // namespace ecmpd::hash
