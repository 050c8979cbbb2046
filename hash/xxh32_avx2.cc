// XXH32 of 8 keys at a time with AVX2.
#include <immintrin.h>

#include "hash/xxh32_kernels.h"

#define ECMPD_AVX2 __attribute__((target("avx2")))
#define ECMPD_AVX2_INLINE __attribute__((target("avx2"), always_inline)) inline

namespace ecmpd::hash::kernel {
namespace {

constexpr unsigned kLanes = 8;

ECMPD_AVX2_INLINE __m256i all(uint32_t value) { return _mm256_set1_epi32(static_cast<int>(value)); }

/// One value for each of a key's four lanes.
ECMPD_AVX2_INLINE __m256i lanes(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  const auto w = static_cast<int>(a), x = static_cast<int>(b), y = static_cast<int>(c), z = static_cast<int>(d);
  return _mm256_setr_epi32(w, x, y, z, w, x, y, z);
}

ECMPD_AVX2_INLINE __m256i start(uint32_t seed) {
  return lanes(seed + kPrime1 + kPrime2, seed + kPrime2, seed, seed - kPrime1);
}

template <int kCount>
ECMPD_AVX2_INLINE __m256i rotate(__m256i words) {
  return _mm256_or_si256(_mm256_slli_epi32(words, kCount), _mm256_srli_epi32(words, 32 - kCount));
}

ECMPD_AVX2_INLINE __m256i round(__m256i accumulators, __m256i words) {
  const __m256i sum = _mm256_add_epi32(accumulators, _mm256_mullo_epi32(words, all(kPrime2)));
  return _mm256_mullo_epi32(rotate<13>(sum), all(kPrime1));
}

ECMPD_AVX2_INLINE __m256i rotate_lanes(__m256i words) {
  return _mm256_or_si256(_mm256_sllv_epi32(words, lanes(1, 7, 12, 18)),
                         _mm256_srlv_epi32(words, lanes(31, 25, 20, 14)));
}

/// The sums of each key's rotated accumulators: lane 4 * g + j is for the key in half g of register j.
ECMPD_AVX2_INLINE __m256i merge(__m256i a, __m256i b, __m256i c, __m256i d) {
  a = rotate_lanes(a);
  b = rotate_lanes(b);
  c = rotate_lanes(c);
  d = rotate_lanes(d);
  const __m256i ab = _mm256_add_epi32(_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
  const __m256i cd = _mm256_add_epi32(_mm256_unpacklo_epi32(c, d), _mm256_unpackhi_epi32(c, d));
  return _mm256_add_epi32(_mm256_unpacklo_epi64(ab, cd), _mm256_unpackhi_epi64(ab, cd));
}

ECMPD_AVX2_INLINE __m256i avalanche(__m256i hash) {
  hash = _mm256_mullo_epi32(_mm256_xor_si256(hash, _mm256_srli_epi32(hash, 15)), all(kPrime2));
  hash = _mm256_mullo_epi32(_mm256_xor_si256(hash, _mm256_srli_epi32(hash, 13)), all(kPrime3));
  return _mm256_xor_si256(hash, _mm256_srli_epi32(hash, 16));
}

ECMPD_AVX2_INLINE void store(uint32_t* out, __m256i hashes) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), hashes);
}

ECMPD_AVX2_INLINE __m256i two_keys(const Key4* keys) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(keys));
}

ECMPD_AVX2_INLINE void block(const Key4* keys, uint32_t* out, uint32_t seed) {
  const __m256i first = start(seed);
  const __m256i a = round(first, two_keys(keys));
  const __m256i b = round(first, two_keys(keys + 2));
  const __m256i c = round(first, two_keys(keys + 4));
  const __m256i d = round(first, two_keys(keys + 6));
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  const __m256i sums = _mm256_permutevar8x32_epi32(merge(a, b, c, d), order);
  store(out, avalanche(_mm256_add_epi32(sums, all(sizeof(Key4)))));
}

ECMPD_AVX2_INLINE __m128i load(const Key6& key, unsigned offset) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(&key.bytes[offset]));
}

/// 16 bytes at `offset` of keys 0 and 4, so that merge() gives them in order.
ECMPD_AVX2_INLINE __m256i stripe(const Key6* keys, unsigned offset) {
  return _mm256_inserti128_si256(_mm256_castsi128_si256(load(keys[0], offset)), load(keys[4], offset), 1);
}

/// Words 8 and 9 of the keys of a block, in order; they are the last of the 16 bytes from 24 on.
struct LastWords {
  __m256i eighth, ninth;
};
ECMPD_AVX2_INLINE LastWords last_words(const Key6* block) {
  const __m256i a = stripe(block, 24), b = stripe(block + 1, 24), c = stripe(block + 2, 24), d = stripe(block + 3, 24);
  const __m256i ab = _mm256_unpackhi_epi32(a, b), cd = _mm256_unpackhi_epi32(c, d);
  return {_mm256_unpacklo_epi64(ab, cd), _mm256_unpackhi_epi64(ab, cd)};
}

ECMPD_AVX2_INLINE __m256i tail_round(__m256i hash, __m256i words) {
  hash = _mm256_add_epi32(hash, _mm256_mullo_epi32(words, all(kPrime3)));
  return _mm256_mullo_epi32(rotate<17>(hash), all(kPrime4));
}

ECMPD_AVX2_INLINE void block(const Key6* keys, uint32_t* out, uint32_t seed) {
  const __m256i first = start(seed);
  const __m256i a = round(round(first, stripe(keys, 0)), stripe(keys, 16));
  const __m256i b = round(round(first, stripe(keys + 1, 0)), stripe(keys + 1, 16));
  const __m256i c = round(round(first, stripe(keys + 2, 0)), stripe(keys + 2, 16));
  const __m256i d = round(round(first, stripe(keys + 3, 0)), stripe(keys + 3, 16));
  __m256i hash = _mm256_add_epi32(merge(a, b, c, d), all(sizeof(Key6)));

  const LastWords last = last_words(keys);
  hash = tail_round(tail_round(hash, last.eighth), last.ninth);
  store(out, avalanche(hash));
}

/// The last block of a burst overlaps the one before it.
template <typename Key>
ECMPD_AVX2 void bulk(const Key* keys, uint32_t* out, unsigned count, uint32_t seed) {
  if (count < kLanes) return short_burst<kLanes, Key>(keys, out, count, seed, xxh32_avx2);
  unsigned i = 0;
  for (; i + kLanes <= count; i += kLanes) block(keys + i, out + i, seed);
  if (i < count) block(keys + count - kLanes, out + count - kLanes, seed);
}

}  // namespace

ECMPD_AVX2 void xxh32_avx2(const Key4* keys, uint32_t* out, unsigned count, uint32_t seed) {
  bulk(keys, out, count, seed);
}
ECMPD_AVX2 void xxh32_avx2(const Key6* keys, uint32_t* out, unsigned count, uint32_t seed) {
  bulk(keys, out, count, seed);
}

}  // namespace ecmpd::hash::kernel
