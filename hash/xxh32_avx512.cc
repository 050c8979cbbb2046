// XXH32 of 16 keys at a time with AVX-512 (the foundation instructions only).
#if defined(__GNUC__) && !defined(__clang__)  // GCC 12's own intrinsics start from undefined registers
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include "hash/xxh32_kernels.h"

#define ECMPD_AVX512 __attribute__((target("avx512f")))
#define ECMPD_AVX512_INLINE __attribute__((target("avx512f"), always_inline)) inline

namespace ecmpd::hash::kernel {
namespace {

constexpr unsigned kLanes = 16;

ECMPD_AVX512_INLINE __m512i all(uint32_t value) { return _mm512_set1_epi32(static_cast<int>(value)); }

/// One value for each of a key's four lanes.
ECMPD_AVX512_INLINE __m512i lanes(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  return _mm512_set4_epi32(static_cast<int>(d), static_cast<int>(c), static_cast<int>(b), static_cast<int>(a));
}

ECMPD_AVX512_INLINE __m512i start(uint32_t seed) {
  return lanes(seed + kPrime1 + kPrime2, seed + kPrime2, seed, seed - kPrime1);
}

ECMPD_AVX512_INLINE __m512i round(__m512i accumulators, __m512i words) {
  const __m512i sum = _mm512_add_epi32(accumulators, _mm512_mullo_epi32(words, all(kPrime2)));
  return _mm512_mullo_epi32(_mm512_rol_epi32(sum, 13), all(kPrime1));
}

/// The sums of each key's rotated accumulators: lane 4 * g + j is for the key in quarter g of register j.
ECMPD_AVX512_INLINE __m512i merge(__m512i a, __m512i b, __m512i c, __m512i d) {
  const __m512i counts = lanes(1, 7, 12, 18);
  a = _mm512_rolv_epi32(a, counts);
  b = _mm512_rolv_epi32(b, counts);
  c = _mm512_rolv_epi32(c, counts);
  d = _mm512_rolv_epi32(d, counts);
  const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
  const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
  return _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
}

/// Step by step for all blocks, so that each multiplication has others to wait with.
template <unsigned kBlocks>
ECMPD_AVX512_INLINE void avalanche_and_store(__m512i (&hash)[kBlocks], uint32_t* out) {
  for (auto& h : hash) h = _mm512_mullo_epi32(_mm512_xor_si512(h, _mm512_srli_epi32(h, 15)), all(kPrime2));
  for (auto& h : hash) h = _mm512_mullo_epi32(_mm512_xor_si512(h, _mm512_srli_epi32(h, 13)), all(kPrime3));
  for (unsigned i = 0; i < kBlocks; ++i) {
    _mm512_storeu_si512(out + i * kLanes, _mm512_xor_si512(hash[i], _mm512_srli_epi32(hash[i], 16)));
  }
}

template <unsigned kBlocks>
ECMPD_AVX512_INLINE void blocks(const Key4* keys, uint32_t* out, uint32_t seed) {
  const __m512i first = start(seed);
  __m512i four_keys[4 * kBlocks], hash[kBlocks];
  for (unsigned i = 0; i < 4 * kBlocks; ++i) four_keys[i] = round(first, _mm512_loadu_si512(keys + 4 * i));
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  for (unsigned i = 0; i < kBlocks; ++i) {
    const __m512i* of = four_keys + 4 * i;
    const __m512i sums = _mm512_permutexvar_epi32(order, merge(of[0], of[1], of[2], of[3]));
    hash[i] = _mm512_add_epi32(sums, all(sizeof(Key4)));
  }
  avalanche_and_store<kBlocks>(hash, out);
}

ECMPD_AVX512_INLINE __m128i load(const Key6& key, unsigned offset) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(&key.bytes[offset]));
}

/// 16 bytes at `offset` of keys 0, 4, 8 and 12, so that merge() gives them in order.
ECMPD_AVX512_INLINE __m512i stripe(const Key6* keys, unsigned offset) {
  __m512i out = _mm512_castsi128_si512(load(keys[0], offset));
  out = _mm512_inserti32x4(out, load(keys[4], offset), 1);
  out = _mm512_inserti32x4(out, load(keys[8], offset), 2);
  return _mm512_inserti32x4(out, load(keys[12], offset), 3);
}

/// Words 8 and 9 of the keys of a block, in order; they are the last of the 16 bytes from 24 on.
struct LastWords {
  __m512i eighth, ninth;
};
ECMPD_AVX512_INLINE LastWords last_words(const Key6* block) {
  const __m512i a = stripe(block, 24), b = stripe(block + 1, 24), c = stripe(block + 2, 24), d = stripe(block + 3, 24);
  const __m512i ab = _mm512_unpackhi_epi32(a, b), cd = _mm512_unpackhi_epi32(c, d);
  return {_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd)};
}

ECMPD_AVX512_INLINE __m512i tail_round(__m512i hash, __m512i words) {
  hash = _mm512_add_epi32(hash, _mm512_mullo_epi32(words, all(kPrime3)));
  return _mm512_mullo_epi32(_mm512_rol_epi32(hash, 17), all(kPrime4));
}

/// Four keys of a block of 16: number `of` and every fourth from there.
ECMPD_AVX512_INLINE __m512i both_stripes(__m512i first, const Key6* block, unsigned of) {
  return round(round(first, stripe(block + of, 0)), stripe(block + of, 16));
}

template <unsigned kBlocks>
ECMPD_AVX512_INLINE void blocks(const Key6* keys, uint32_t* out, uint32_t seed) {
  const __m512i first = start(seed);
  __m512i hash[kBlocks];
  for (unsigned i = 0; i < kBlocks; ++i) {
    const Key6* block = keys + i * kLanes;
    const __m512i sums = merge(both_stripes(first, block, 0), both_stripes(first, block, 1),
                               both_stripes(first, block, 2), both_stripes(first, block, 3));
    const LastWords last = last_words(block);
    hash[i] = _mm512_add_epi32(sums, all(sizeof(Key6)));
    hash[i] = tail_round(hash[i], last.eighth);
    hash[i] = tail_round(hash[i], last.ninth);
  }
  avalanche_and_store<kBlocks>(hash, out);
}

/// Four blocks at once, which is a full burst: one alone waits for its own multiplications (0.61 against 0.75 ns an
/// IPv4 key). The last block of a burst overlaps the one before it.
template <typename Key>
ECMPD_AVX512 void bulk(const Key* keys, uint32_t* out, unsigned count, uint32_t seed) {
  if (count < kLanes) return short_burst<kLanes, Key>(keys, out, count, seed, xxh32_avx512);
  unsigned i = 0;
  for (; i + 4 * kLanes <= count; i += 4 * kLanes) blocks<4>(keys + i, out + i, seed);
  for (; i + kLanes <= count; i += kLanes) blocks<1>(keys + i, out + i, seed);
  if (i < count) blocks<1>(keys + count - kLanes, out + count - kLanes, seed);
}

}  // namespace

ECMPD_AVX512 void xxh32_avx512(const Key4* keys, uint32_t* out, unsigned count, uint32_t seed) {
  bulk(keys, out, count, seed);
}
ECMPD_AVX512 void xxh32_avx512(const Key6* keys, uint32_t* out, unsigned count, uint32_t seed) {
  bulk(keys, out, count, seed);
}

}  // namespace ecmpd::hash::kernel
