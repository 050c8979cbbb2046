#include "dataplane/policer.h"

#include <rte_cycles.h>

#include <algorithm>

namespace ecmpd::dataplane {

Policer::Policer(uint64_t packets_per_second, uint64_t burst)
    : cycles_per_packet_(std::max<uint64_t>(1, rte_get_tsc_hz() / packets_per_second)),
      window_cycles_(cycles_per_packet_ * burst) {}

bool Policer::admit(uint64_t now) {
  uint64_t next = next_.load(std::memory_order_relaxed);
  for (;;) {
    const uint64_t start = std::max(next, now);
    if (start + cycles_per_packet_ - now > window_cycles_) return false;
    if (next_.compare_exchange_weak(next, start + cycles_per_packet_, std::memory_order_relaxed)) return true;
  }
}

}  // namespace ecmpd::dataplane
