#include "hash/table_diff.h"

#include <algorithm>

#include "hash/table_cells.h"

namespace ecmpd::hash {

TableDiff diff_tables(const BucketTable& before, const BucketTable& after, const std::vector<bool>& changed) {
  TableDiff diff;
  diff.members.resize(changed.size());
  if (before.owners.empty() || after.owners.empty()) return diff;
  const std::vector<uint8_t> touched(changed.begin(), changed.end());
  diff.exact = visit_cells(before, after, [&](uint32_t i, uint32_t k, uint64_t points) {
    const uint16_t from = before.owners[i], to = after.owners[k];
    diff.points += points;
    diff.members[from].before += points;
    diff.members[to].after += points;
    if (!touched[from]) diff.survivors += points;
    if (from == to) return;
    diff.moved += points;
    diff.members[from].lost += points;
    diff.members[to].gained += points;
    if (!touched[from]) diff.survivors_moved += points;
    if (!touched[from] && !touched[to]) diff.collateral += points;
  });
  for (const TableDiff::PerMember& member : diff.members) {
    diff.minimum += member.before - std::min(member.before, member.after);
  }
  return diff;
}

}  // namespace ecmpd::hash
