// How far the one writer of a stress test is, so that a reader knows which states its lookup can have seen.
//
// States are numbered from 0; change n leads from state n to state n + 1. The writer calls begin() and end() around
// each change. A reader asks before and after: what it saw belongs to a state between the two answers, both included.
#pragma once

#include <atomic>
#include <cstdint>

namespace ecmpd::dataplane {

class Progress {
 public:
  explicit Progress(uint64_t state = 0) : begun_(state), done_(state) {}

  // Readers.
  uint64_t before_lookup() const { return done_.load(std::memory_order_acquire); }
  uint64_t after_lookup() const {
    // A lookup that saw a part of change n must find begun > n here.
    std::atomic_thread_fence(std::memory_order_acquire);
    return begun_.load(std::memory_order_relaxed);
  }

  // The writer.
  void begin() {
    begun_.store(begun_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
  }
  void end() { done_.store(begun_.load(std::memory_order_relaxed), std::memory_order_release); }

 private:
  alignas(64) std::atomic<uint64_t> begun_;  // change n has begun when begun > n,
  alignas(64) std::atomic<uint64_t> done_;   // and is complete when done > n
};

}  // namespace ecmpd::dataplane
