// The parts of the hash space that two bucket tables have in common: in each, both have one bucket.
//
// Two tables with one way of indexing are cut exactly, whatever their sizes. Only where they index differently, or
// would have more than 2^22 cells, 2^20 fixed points stand for the hash space. Pure; any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "hash/bucket_table.h"
#include "hash/random.h"

namespace ecmpd::hash {

/// Calls visit(bucket of `before`, bucket of `after`, points) for every cell, in an order that depends on the tables
/// only. False when the cells are sample points. Both tables are not empty.
template <typename Visit>
bool visit_cells(const BucketTable& before, const BucketTable& after, Visit visit) {
  constexpr uint64_t kMostCells = 1u << 22;
  constexpr uint32_t kFixedPoints = 1u << 20;
  const auto m = static_cast<uint32_t>(before.owners.size());
  const auto n = static_cast<uint32_t>(after.owners.size());
  const uint64_t cells = std::lcm(uint64_t{m}, uint64_t{n});
  const bool ranges = before.indexing == Indexing::kRange;
  if (ranges != (after.indexing == Indexing::kRange) || (!ranges && cells > kMostCells)) {
    for (uint32_t i = 0; i < kFixedPoints; ++i) {
      const auto hash = static_cast<uint32_t>(mix64(i) >> 32);
      visit(bucket_index(hash, m, before.indexing), bucket_index(hash, n, after.indexing), uint64_t{1});
    }
    return false;
  }
  if (ranges) {  // regions: a cell lies between neighboring borders of either
    const uint64_t wide = cells / m, narrow = cells / n;
    for (uint64_t at = 0; at < cells;) {
      const uint64_t i = at / wide, k = at / narrow;
      const uint64_t border = std::min((i + 1) * wide, (k + 1) * narrow);
      visit(static_cast<uint32_t>(i), static_cast<uint32_t>(k), border - at);
      at = border;
    }
    return true;
  }
  // Residues: of the least common multiple, each meets as many hashes as any other.
  uint32_t i = 0, k = 0;
  for (uint64_t at = 0; at < cells; ++at) {
    visit(i, k, uint64_t{1});
    if (++i == m) i = 0;
    if (++k == n) k = 0;
  }
  return true;
}

}  // namespace ecmpd::hash
