#include "hash/table_diff.h"

#include <algorithm>
#include <numeric>

#include "hash/random.h"

namespace ecmpd::hash {
namespace {

constexpr uint64_t kMostCells = 1u << 22;
constexpr uint32_t kFixedPoints = 1u << 20;

/// Counts one cell of the hash space after another.
class Counter {
 public:
  Counter(TableDiff& diff, const std::vector<bool>& changed) : diff_(diff), changed_(changed) {}

  void add(uint16_t from, uint16_t to, uint64_t points) {
    diff_.points += points;
    diff_.members[from].before += points;
    diff_.members[to].after += points;
    if (!changed_[from]) diff_.survivors += points;
    if (from == to) return;
    diff_.moved += points;
    diff_.members[from].lost += points;
    diff_.members[to].gained += points;
    if (!changed_[from]) diff_.survivors_moved += points;
    if (!changed_[from] && !changed_[to]) diff_.collateral += points;
  }

 private:
  TableDiff& diff_;
  const std::vector<bool>& changed_;
};

/// Both count residues: of their least common multiple, each meets as many hashes as any other.
void count_residues(const BucketTable& before, const BucketTable& after, uint64_t cells, Counter& counter) {
  const size_t sizes[] = {before.owners.size(), after.owners.size()};
  size_t at[] = {0, 0};
  for (uint64_t i = 0; i < cells; ++i) {
    counter.add(before.owners[at[0]], after.owners[at[1]], 1);
    for (const int side : {0, 1}) at[side] = at[side] + 1 == sizes[side] ? 0 : at[side] + 1;
  }
}

/// Both cut the hash space into regions: cells lie between neighboring borders of either.
void count_regions(const BucketTable& before, const BucketTable& after, Counter& counter) {
  const uint64_t cells = std::lcm(before.owners.size(), after.owners.size());
  const uint64_t width[] = {cells / before.owners.size(), cells / after.owners.size()};
  for (uint64_t at = 0; at < cells;) {
    const uint64_t i = at / width[0], k = at / width[1];
    const uint64_t border = std::min((i + 1) * width[0], (k + 1) * width[1]);
    counter.add(before.owners[i], after.owners[k], border - at);
    at = border;
  }
}

void count_points(const BucketTable& before, const BucketTable& after, Counter& counter) {
  for (uint32_t i = 0; i < kFixedPoints; ++i) {
    const auto hash = static_cast<uint32_t>(mix64(i) >> 32);
    counter.add(before.owner(hash), after.owner(hash), 1);
  }
}

}  // namespace

TableDiff diff_tables(const BucketTable& before, const BucketTable& after, const std::vector<bool>& changed) {
  TableDiff diff;
  diff.members.resize(changed.size());
  if (before.owners.empty() || after.owners.empty()) return diff;
  Counter counter(diff, changed);
  const bool regions = before.indexing == Indexing::kRange;
  const uint64_t cells = std::lcm<uint64_t>(before.owners.size(), after.owners.size());
  if (regions && after.indexing == Indexing::kRange) {
    count_regions(before, after, counter);
  } else if (!regions && after.indexing != Indexing::kRange && cells <= kMostCells) {
    count_residues(before, after, cells, counter);
  } else {
    diff.exact = false;
    count_points(before, after, counter);
  }
  for (const TableDiff::PerMember& member : diff.members) {
    diff.minimum += member.before - std::min(member.before, member.after);
  }
  return diff;
}

}  // namespace ecmpd::hash
