// What the vector kernels of XXH32 share: its constants, the kernels' names, and what to do with a short burst.
//
// Internal to hash/xxh32*. A kernel works on blocks of as many keys as it has lanes. A key is never transposed: its
// four words stay neighbors in one register, whose four lanes are XXH32's four accumulators, and only the sums at the
// end are gathered. That also avoids gather instructions, which some CPUs run slowly since a microcode fix
// ("Downfall").
#pragma once

#include <algorithm>
#include <cstdint>

#include "hash/xxh32.h"

namespace ecmpd::hash::kernel {

inline constexpr uint32_t kPrime1 = 0x9e3779b1, kPrime2 = 0x85ebca77, kPrime3 = 0xc2b2ae3d, kPrime4 = 0x27d4eb2f;

void xxh32_avx2(const Key4* keys, uint32_t* out, unsigned count, uint32_t seed);
void xxh32_avx2(const Key6* keys, uint32_t* out, unsigned count, uint32_t seed);
void xxh32_avx512(const Key4* keys, uint32_t* out, unsigned count, uint32_t seed);
void xxh32_avx512(const Key6* keys, uint32_t* out, unsigned count, uint32_t seed);

/// For fewer keys than lanes: few of them one by one, more as a block filled up with zeros.
template <unsigned kLanes, typename Key>
void short_burst(const Key* keys, uint32_t* out, unsigned count, uint32_t seed,
                 void (*bulk)(const Key*, uint32_t*, unsigned, uint32_t)) {
  if (count <= kLanes / 4) {
    for (unsigned i = 0; i < count; ++i) out[i] = xxh32(keys[i], seed);
    return;
  }
  Key padded[kLanes];
  uint32_t hashes[kLanes];
  std::copy_n(keys, count, padded);
  bulk(padded, hashes, kLanes, seed);
  std::copy_n(hashes, count, out);
}

}  // namespace ecmpd::hash::kernel
