// What the AVX2 classify kernels of both families share.
//
// Two packets lie side by side in a register; four such registers are transposed, so that a register has one word of
// all eight headers. Column c of half h belongs to packet 2 * c + h, if register c has packets 2 * c and 2 * c + 1;
// only what leaves the registers is brought in order. Internal to dataplane/classify*_avx2.cc. Worker only.
#pragma once

#include <immintrin.h>

#include "dataplane/classify_frames.h"

#define ECMPD_AVX2 __attribute__((target("avx2")))
#define ECMPD_AVX2_INLINE __attribute__((target("avx2"), always_inline)) inline

namespace ecmpd::dataplane::classify {

inline constexpr unsigned kPairLanes = 8;

ECMPD_AVX2_INLINE __m256i each(uint32_t value) { return _mm256_set1_epi32(static_cast<int>(value)); }
ECMPD_AVX2_INLINE __m128i load128(const uint8_t* at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); }

/// 16 bytes at `offset` of two frames.
ECMPD_AVX2_INLINE __m256i pair(const uint8_t* const* frames, unsigned offset) {
  return _mm256_inserti128_si256(_mm256_castsi128_si256(load128(frames[0] + offset)), load128(frames[1] + offset), 1);
}

/// From the order of columns to that of packets; in_columns() is the other way.
ECMPD_AVX2_INLINE __m256i in_order(__m256i words) {
  return _mm256_permutevar8x32_epi32(words, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}
ECMPD_AVX2_INLINE __m256i in_columns(__m256i words) {
  return _mm256_permutevar8x32_epi32(words, _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7));
}
/// A bit for each lane that is all ones.
ECMPD_AVX2_INLINE unsigned bits_of(__m256i lanes) {
  return static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(lanes)));
}

/// a <= b, unsigned.
ECMPD_AVX2_INLINE __m256i at_most(__m256i a, __m256i b) { return _mm256_cmpeq_epi32(_mm256_min_epu32(a, b), a); }
ECMPD_AVX2_INLINE __m256i is_zero(__m256i words) { return _mm256_cmpeq_epi32(words, _mm256_setzero_si256()); }

/// Both halves of a two-byte number in network byte order that lies in the upper half of a word.
ECMPD_AVX2_INLINE __m256i upper_number(__m256i words) {
  return _mm256_or_si256(_mm256_and_si256(_mm256_srli_epi32(words, 8), each(0xff00)), _mm256_srli_epi32(words, 24));
}

/// Of sixteen bytes of eight packets, in the order of columns, each word in a register.
struct Words {
  __m256i low0, low1, high0, high1;

  ECMPD_AVX2_INLINE explicit Words(const __m256i (&rows)[4]) {
    const __m256i a = _mm256_unpacklo_epi32(rows[0], rows[1]), b = _mm256_unpacklo_epi32(rows[2], rows[3]);
    const __m256i c = _mm256_unpackhi_epi32(rows[0], rows[1]), d = _mm256_unpackhi_epi32(rows[2], rows[3]);
    low0 = _mm256_unpacklo_epi64(a, b);
    low1 = _mm256_unpackhi_epi64(a, b);
    high0 = _mm256_unpacklo_epi64(c, d);
    high1 = _mm256_unpackhi_epi64(c, d);
  }
};

/// The openings (classify_frames.h) of eight frames.
struct PairOpenings {
  __m256i bytes, mask;

  ECMPD_AVX2_INLINE explicit PairOpenings(const Opening& opening)
      : bytes(_mm256_broadcastsi128_si256(load128(opening.bytes.data()))),
        mask(_mm256_broadcastsi128_si256(load128(opening.mask.data()))) {}

  /// In the order of columns, all ones where the opening is good.
  ECMPD_AVX2_INLINE __m256i good(const uint8_t* const* frames) const {
    __m256i wrong[4];
    for (unsigned j = 0; j < 4; ++j) {
      wrong[j] = _mm256_and_si256(_mm256_xor_si256(pair(frames + 2 * j, 0), bytes), mask);
    }
    const Words words(wrong);
    return is_zero(_mm256_or_si256(_mm256_or_si256(words.low0, words.low1), _mm256_or_si256(words.high0, words.high1)));
  }
};

struct PairChecked {
  unsigned common;  // bits in the order of packets
  unsigned padded;  // of these, the ones with padding
};

/// From the order of columns to that of packets. `stated` is the length that a header gives, not above `available`
/// where the packet is `ok`.
ECMPD_AVX2_INLINE PairChecked pair_checked(__m256i ok, __m256i stated, __m256i available) {
  const unsigned common = bits_of(in_order(ok));
  const __m256i padded = _mm256_andnot_si256(_mm256_cmpeq_epi32(stated, available), ok);
  return {common, bits_of(in_order(padded))};
}

}  // namespace ecmpd::dataplane::classify
