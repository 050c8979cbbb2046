#include "hash/preference_tree.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "hash/shares.h"

namespace ecmpd::hash {
namespace {

constexpr unsigned kTreeDepth = 8;

class Tree {
 public:
  Tree(std::span<const Member> members, uint32_t buckets, Random random)
      : members_(members), random_(random), order_(buckets), lists_(buckets) {
    uint64_t sum = 0;
    for (const auto& member : members) {
      start_.push_back(static_cast<uint32_t>(sum));
      sum += member.weight;
    }
    start_.push_back(static_cast<uint32_t>(sum));
  }

  PreferenceLists grow() && {
    std::iota(order_.begin(), order_.end(), 0u);
    random_.shuffle(std::span(order_));  // a member's buckets are not neighbors, which a weak hash could notice
    const auto quotas = bucket_quotas(members_, static_cast<uint32_t>(order_.size()), random_);
    uint32_t begin = 0;
    for (uint16_t member = 0; member < quotas.size(); ++member) {
      prefer(begin, begin + quotas[member], member);
      begin += quotas[member];
    }
    return std::move(lists_);
  }

 private:
  /// Makes `member` the next choice of the part [begin, end) of order_, and splits the part further.
  void prefer(uint32_t begin, uint32_t end, uint16_t member) {
    for (uint32_t i = begin; i < end; ++i) lists_.append(order_[i], member);
    const auto at = path_.insert(std::lower_bound(path_.begin(), path_.end(), member), member);
    const ptrdiff_t position = at - path_.begin();
    split(begin, end);
    path_.erase(path_.begin() + position);
  }

  void split(uint32_t begin, uint32_t end) {
    const uint32_t size = end - begin;
    const bool done = path_.size() == kTreeDepth || (size <= 1 && path_.size() >= PreferenceLists::kMinDepth);
    if (size == 0 || done || path_.size() == members_.size()) return;
    uint32_t left = start_.back();  // the weight of those not chosen yet
    for (const uint16_t member : path_) left -= members_[member].weight;
    // The buckets lie evenly spaced on a line on which each member has a stretch as long as its weight.
    const uint64_t offset = random_.below(left);
    uint32_t run = begin;
    uint16_t chosen = member_at(static_cast<uint32_t>(offset / size));
    for (uint32_t i = 1; i < size; ++i) {
      const uint16_t next = member_at(static_cast<uint32_t>((offset + uint64_t{i} * left) / size));
      if (next == chosen) continue;
      prefer(run, begin + i, chosen);
      run = begin + i;
      chosen = next;
    }
    prefer(run, end, chosen);
  }

  /// The member at `x` on the line from which the stretches of path_ have been cut out.
  uint16_t member_at(uint32_t x) const {
    for (const uint16_t member : path_) {
      if (x < start_[member]) break;
      x += members_[member].weight;
    }
    return static_cast<uint16_t>(std::upper_bound(start_.begin(), start_.end(), x) - start_.begin() - 1);
  }

  std::span<const Member> members_;
  Random random_;
  std::vector<uint32_t> start_;  // where each member's stretch begins on the line of weights; last, where all end
  std::vector<uint32_t> order_;  // buckets, so arranged that every part is contiguous
  std::vector<uint16_t> path_;   // the choices above the current part, sorted
  PreferenceLists lists_;
};

}  // namespace

PreferenceLists preference_tree(std::span<const Member> members, uint32_t buckets, Random random) {
  return Tree(members, buckets, random).grow();
}

}  // namespace ecmpd::hash
