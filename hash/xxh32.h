// XXH32 of keys, many at a time: 16 lanes with AVX-512, 8 with AVX2, or one by one.
//
// Equal bit for bit to libxxhash's XXH32(key, sizeof key, seed) at every level. A level's kernels are an entry of a
// constant table; a Hasher looks it up once, when it is made. Any thread.
#pragma once

#include <cstdint>

#include "hash/key.h"
#include "hash/simd.h"

namespace ecmpd::hash {

/// Of each key only the bits that are set in `mask` count. `seed` is expanded already. `keys` and `out` have `count`
/// elements and do not overlap; nothing else is touched.
struct Xxh32Kernels {
  void (*bulk4)(const Key4* keys, const Key4& mask, uint32_t* out, unsigned count, uint32_t seed);
  void (*bulk6)(const Key6* keys, const Key6& mask, uint32_t* out, unsigned count, uint32_t seed);
};

/// `level` is at most detect_simd_level().
const Xxh32Kernels& xxh32_kernels(SimdLevel level);

uint32_t xxh32(const Key4& key, uint32_t seed);
uint32_t xxh32(const Key6& key, uint32_t seed);

}  // namespace ecmpd::hash
