// What moves between two bucket tables: how much of the hash space changes its owner, and how much of that had to.
//
// Counted in points of the hash space, which are buckets where both tables have one size; see hash/table_cells.h for
// when the count is exact. A pure function; any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "hash/bucket_table.h"

namespace ecmpd::hash {

struct TableDiff {
  struct PerMember {
    uint64_t before = 0;  // points owned
    uint64_t after = 0;
    uint64_t gained = 0;  // points that came from others
    uint64_t lost = 0;    // that went to others
    bool operator==(const PerMember&) const = default;
  };
  uint64_t points = 0;  // in total; 0 when one of the tables is empty
  bool exact = true;    // not from fixed points
  uint64_t moved = 0;
  uint64_t minimum = 0;     // what any table with these shares must move: the sum of what members' shares shrink by
  uint64_t collateral = 0;  // moved between two members that did not change
  uint64_t survivors = 0;   // points, before, of members that did not change
  uint64_t survivors_moved = 0;  // of those
  std::vector<PerMember> members;

  double fraction(uint64_t of_points) const {
    return points == 0 ? 0 : static_cast<double>(of_points) / static_cast<double>(points);
  }
};

/// Owners of both tables are numbers below changed.size(), the same member in both; changed[i] says that member i
/// left, came, or has another weight.
TableDiff diff_tables(const BucketTable& before, const BucketTable& after, const std::vector<bool>& changed);

}  // namespace ecmpd::hash
