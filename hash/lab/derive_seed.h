// Seeds from a seed: one for each thing that is drawn, so that none depends on how much another draws. Pure.
#pragma once

#include <cstdint>
#include <initializer_list>

#include "hash/random.h"

namespace ecmpd::hash::lab {

/// A function of `seed` and the whole path: {what, number, ...}.
constexpr uint64_t derive_seed(uint64_t seed, std::initializer_list<uint64_t> path) {
  uint64_t state = seed;
  for (const uint64_t step : path) state = mix64(splitmix64(state) + mix64(step));
  return state;
}

}  // namespace ecmpd::hash::lab
