// What the vector kernels of XXH32 share: its constants, the kernels' names, and what to do with a short burst.
//
// Internal to hash/xxh32*. A kernel works on blocks of as many keys as it has lanes. A key is never transposed: its
// four words stay neighbors in one register, whose four lanes are XXH32's four accumulators, and only the sums at the
// end are gathered. That also avoids gather instructions, which some CPUs run slowly since a microcode fix
// ("Downfall").
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "hash/key_common.h"
#include "hash/xxh32.h"

namespace ecmpd::hash::kernel {

/// What the kernels load into registers before the first block. Defined where they cannot see it: of values that it
/// sees GCC makes moves from general registers, which take the port of the shuffles (0.56 against 0.64 ns an IPv4 key).
struct Constants {
  uint32_t prime1, prime2, prime3, prime4, size4, size6;
  // Of each of the 16 lanes, that is of XXH32's four accumulators over and over.
  alignas(64) std::array<uint32_t, 16> start;  // to which the seed is added
  alignas(64) std::array<uint32_t, 16> rotate_left, rotate_right;
};
[[gnu::visibility("hidden")]] extern const Constants kConstants;

void xxh32_avx2(const Key4* keys, const Key4& mask, uint32_t* out, unsigned count, uint32_t seed);
void xxh32_avx2(const Key6* keys, const Key6& mask, uint32_t* out, unsigned count, uint32_t seed);
void xxh32_avx512(const Key4* keys, const Key4& mask, uint32_t* out, unsigned count, uint32_t seed);
void xxh32_avx512(const Key6* keys, const Key6& mask, uint32_t* out, unsigned count, uint32_t seed);

/// For fewer keys than lanes: few of them one by one, more as a block filled up with zeros.
template <unsigned kLanes, typename Key>
[[gnu::noinline]] void short_burst(const Key* keys, const Key& mask, uint32_t* out, unsigned count, uint32_t seed,
                                   void (*bulk)(const Key*, const Key&, uint32_t*, unsigned, uint32_t)) {
  if (count <= kLanes / 4) {
    for (unsigned i = 0; i < count; ++i) out[i] = xxh32(masked(keys[i], mask), seed);
    return;
  }
  Key padded[kLanes];
  uint32_t hashes[kLanes];
  std::copy_n(keys, count, padded);
  bulk(padded, mask, hashes, kLanes, seed);
  std::copy_n(hashes, count, out);
}

}  // namespace ecmpd::hash::kernel
