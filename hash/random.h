// The project's own random integers: splitmix64 and uniform draws from it.
//
// Same seed, same numbers, on every machine and with every compiler: the std:: distributions promise that nowhere. Used
// to expand seeds, to build layouts and to make workloads; never for secrets. Values only; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <utility>

namespace ecmpd::hash {

/// The finalizer of splitmix64: a bijection that spreads every input bit over all output bits.
constexpr uint64_t mix64(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// splitmix64: one step of the generator; also the expansion of seeds.
constexpr uint64_t splitmix64(uint64_t& state) { return mix64(state += 0x9e3779b97f4a7c15u); }

class Random {
 public:
  explicit constexpr Random(uint64_t seed) : state_(seed) {}

  constexpr uint64_t next() { return splitmix64(state_); }

  /// Uniform in [0, bound), exactly (Lemire's method); `bound` is at least 1.
  constexpr uint32_t below(uint32_t bound) {
    uint64_t product = (next() >> 32) * bound;
    while (static_cast<uint32_t>(product) < bound && static_cast<uint32_t>(product) < (0u - bound) % bound) {
      product = (next() >> 32) * bound;
    }
    return static_cast<uint32_t>(product >> 32);
  }

  template <typename T>
  constexpr void shuffle(std::span<T> items) {
    for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(static_cast<uint32_t>(i))]);
  }

 private:
  uint64_t state_;
};

}  // namespace ecmpd::hash
