// How often something took how long: counts by microseconds, four steps to each power of two.
//
// A value and its bound are at most 25 % apart. Adding costs a few instructions and never allocates. Control thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ecmpd::control {

class DurationHistogram {
 public:
  static constexpr size_t kBuckets = 104;  // the last one from 117 seconds on, and without a bound

  void add(std::chrono::nanoseconds duration, uint64_t times = 1);

  uint64_t count() const { return count_; }
  uint64_t in_bucket(size_t bucket) const { return buckets_[bucket]; }
  /// Microseconds that everything in a bucket is below.
  static uint64_t bound_usec(size_t bucket);
  static size_t bucket_of(uint64_t usec);
  /// The bound that at least this share (0 to 1) is below; 0 when nothing was added.
  uint64_t quantile_usec(double share) const;
  uint64_t maximum_usec() const { return maximum_usec_; }

 private:
  std::array<uint64_t, kBuckets> buckets_{};
  uint64_t count_ = 0;
  uint64_t maximum_usec_ = 0;
};

}  // namespace ecmpd::control
