// Hands out the indexes of a FIB's tables, and takes them back after a grace period. Control thread only.
//
// Indexes that were used before come first, so that routes that flap do not walk through all the memory.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "dataplane/grace_period.h"

namespace ecmpd::dataplane {

class FibPool {
 public:
  /// Indexes from `first` to `end` - 1.
  FibPool(GracePeriod& grace, uint32_t first, uint32_t end) : untouched_(first), end_(end), waiting_(grace) {}

  /// True if the next `count` calls of take() succeed.
  bool has(size_t count) {
    reclaim();
    return free_.size() + (end_ - untouched_) >= count;
  }
  /// An index that no reader can see; what it stands for has undefined contents. Only after has().
  uint32_t take() {
    ++in_use_;
    if (free_.empty()) {
      assert(untouched_ < end_);
      return untouched_++;
    }
    const uint32_t index = free_.back();
    free_.pop_back();
    return index;
  }
  /// Call after the unlink: readers may still be there.
  void retire(uint32_t index) {
    --in_use_;
    waiting_.push(index);
  }
  /// Makes free what no reader can see any more; returns how many still wait.
  size_t reclaim() {
    return waiting_.poll([this](uint32_t index) { free_.push_back(index); });
  }
  /// Taken and not retired.
  uint32_t in_use() const { return in_use_; }

 private:
  uint32_t untouched_;  // from here on never used
  uint32_t end_;
  uint32_t in_use_ = 0;
  std::vector<uint32_t> free_;
  GraceQueue<uint32_t> waiting_;
};

}  // namespace ecmpd::dataplane
