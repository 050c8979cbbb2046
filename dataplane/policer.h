// A token bucket in packets: how many a second, and how many at once.
//
// Lock-free, any number of threads, no allocation. Loses accuracy, never safety, when threads race.
#pragma once

#include <atomic>
#include <cstdint>

namespace ecmpd::dataplane {

class Policer {
 public:
  /// Both at least 1. Needs EAL's idea of the TSC frequency.
  Policer(uint64_t packets_per_second, uint64_t burst);
  bool admit(uint64_t now_cycles);

 private:
  const uint64_t cycles_per_packet_;
  const uint64_t window_cycles_;
  std::atomic<uint64_t> next_{0};  // virtual scheduling: the time at which the bucket would be full again
};

}  // namespace ecmpd::dataplane
