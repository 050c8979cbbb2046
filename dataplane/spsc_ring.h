// A ring of small values between two threads: one puts, one takes, neither waits.
//
// What the putter wrote before put() the taker sees after take().
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <optional>
#include <vector>

namespace ecmpd::dataplane {

template <typename T>
class SpscRing {
 public:
  /// Room for at least `capacity` values.
  explicit SpscRing(size_t capacity) : cells_(std::bit_ceil(capacity)) {}

  /// False when the ring is full.
  bool put(T value) {
    const size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_acquire) == cells_.size()) return false;
    cells_[tail & (cells_.size() - 1)] = value;
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }
  std::optional<T> take() {
    const size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return std::nullopt;
    const T value = cells_[head & (cells_.size() - 1)];
    head_.store(head + 1, std::memory_order_release);
    return value;
  }

 private:
  std::vector<T> cells_;
  alignas(64) std::atomic<size_t> head_{0};  // the taker's
  alignas(64) std::atomic<size_t> tail_{0};  // the putter's
};

}  // namespace ecmpd::dataplane
