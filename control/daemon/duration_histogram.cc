#include "control/daemon/duration_histogram.h"

#include <algorithm>
#include <bit>

namespace ecmpd::control {

size_t DurationHistogram::bucket_of(uint64_t usec) {
  if (usec < 4) return static_cast<size_t>(usec);
  const auto octave = static_cast<unsigned>(std::bit_width(usec)) - 1;
  return std::min<size_t>(kBuckets - 1, (octave - 1) * size_t{4} + ((usec >> (octave - 2)) & 3));
}

uint64_t DurationHistogram::bound_usec(size_t bucket) {
  if (bucket < 4) return bucket + 1;
  return uint64_t{bucket % 4 + 5} << (bucket / 4 - 1);
}

void DurationHistogram::add(std::chrono::nanoseconds duration, uint64_t times) {
  const auto usec = static_cast<uint64_t>(std::max<int64_t>(0, duration.count()) / 1000);
  buckets_[bucket_of(usec)] += times;
  count_ += times;
  maximum_usec_ = std::max(maximum_usec_, usec);
}

uint64_t DurationHistogram::quantile_usec(double share) const {
  uint64_t below = 0;
  for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
    below += buckets_[bucket];
    if (below > 0 && static_cast<double>(below) >= share * static_cast<double>(count_)) {
      return std::min(bound_usec(bucket), maximum_usec_);
    }
  }
  return 0;
}

}  // namespace ecmpd::control
