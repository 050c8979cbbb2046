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

ECMPD_AVX512_INLINE __m512i avalanche(__m512i hash) {
  hash = _mm512_mullo_epi32(_mm512_xor_si512(hash, _mm512_srli_epi32(hash, 15)), all(kPrime2));
  hash = _mm512_mullo_epi32(_mm512_xor_si512(hash, _mm512_srli_epi32(hash, 13)), all(kPrime3));
  return _mm512_xor_si512(hash, _mm512_srli_epi32(hash, 16));
}

ECMPD_AVX512_INLINE void block(const Key4* keys, uint32_t* out, uint32_t seed) {
  const __m512i first = start(seed);
  const __m512i a = round(first, _mm512_loadu_si512(keys));
  const __m512i b = round(first, _mm512_loadu_si512(keys + 4));
  const __m512i c = round(first, _mm512_loadu_si512(keys + 8));
  const __m512i d = round(first, _mm512_loadu_si512(keys + 12));
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  const __m512i sums = _mm512_permutexvar_epi32(order, merge(a, b, c, d));
  _mm512_storeu_si512(out, avalanche(_mm512_add_epi32(sums, all(sizeof(Key4)))));
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

ECMPD_AVX512_INLINE long long last_words(const Key6& key) {
  long long words;
  __builtin_memcpy(&words, &key.bytes[32], sizeof words);
  return words;
}

ECMPD_AVX512_INLINE __m512i last_words_of_8(const Key6* keys) {
  return _mm512_setr_epi64(last_words(keys[0]), last_words(keys[1]), last_words(keys[2]), last_words(keys[3]),
                           last_words(keys[4]), last_words(keys[5]), last_words(keys[6]), last_words(keys[7]));
}

ECMPD_AVX512_INLINE __m512i tail_round(__m512i hash, __m512i words) {
  hash = _mm512_add_epi32(hash, _mm512_mullo_epi32(words, all(kPrime3)));
  return _mm512_mullo_epi32(_mm512_rol_epi32(hash, 17), all(kPrime4));
}

ECMPD_AVX512_INLINE void block(const Key6* keys, uint32_t* out, uint32_t seed) {
  const __m512i first = start(seed);
  const __m512i a = round(round(first, stripe(keys, 0)), stripe(keys, 16));
  const __m512i b = round(round(first, stripe(keys + 1, 0)), stripe(keys + 1, 16));
  const __m512i c = round(round(first, stripe(keys + 2, 0)), stripe(keys + 2, 16));
  const __m512i d = round(round(first, stripe(keys + 3, 0)), stripe(keys + 3, 16));
  __m512i hash = _mm512_add_epi32(merge(a, b, c, d), all(sizeof(Key6)));

  const __m512i low = last_words_of_8(keys), high = last_words_of_8(keys + 8);
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  hash = tail_round(hash, _mm512_permutex2var_epi32(low, even, high));
  hash = tail_round(hash, _mm512_permutex2var_epi32(low, _mm512_or_si512(even, all(1)), high));
  _mm512_storeu_si512(out, avalanche(hash));
}

/// The last block of a burst overlaps the one before it.
template <typename Key>
ECMPD_AVX512 void bulk(const Key* keys, uint32_t* out, unsigned count, uint32_t seed) {
  if (count < kLanes) return short_burst<kLanes, Key>(keys, out, count, seed, xxh32_avx512);
  unsigned i = 0;
  for (; i + kLanes <= count; i += kLanes) block(keys + i, out + i, seed);
  if (i < count) block(keys + count - kLanes, out + count - kLanes, seed);
}

}  // namespace

ECMPD_AVX512 void xxh32_avx512(const Key4* keys, uint32_t* out, unsigned count, uint32_t seed) {
  bulk(keys, out, count, seed);
}
ECMPD_AVX512 void xxh32_avx512(const Key6* keys, uint32_t* out, unsigned count, uint32_t seed) {
  bulk(keys, out, count, seed);
}

}  // namespace ecmpd::hash::kernel
