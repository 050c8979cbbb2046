// What the AVX-512 classify kernels of both families share (foundation instructions only).
//
// Four packets lie side by side in a register; four such registers are transposed, so that a register has one word of
// all 16 headers. Then column c of lane group l belongs to packet 4 * c + l; only what leaves the registers is brought
// in order. No gathers, which some CPUs run slowly since a microcode fix ("Downfall"). Internal to
// dataplane/classify*_avx512.cc. Worker only.
#pragma once

#if defined(__GNUC__) && !defined(__clang__)  // GCC 12's own intrinsics start from undefined registers
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include "dataplane/classify_frames.h"

#define ECMPD_AVX512 __attribute__((target("avx512f")))
#define ECMPD_AVX512_INLINE __attribute__((target("avx512f"), always_inline)) inline

namespace ecmpd::dataplane::classify {

ECMPD_AVX512_INLINE __m512i all(uint32_t value) { return _mm512_set1_epi32(static_cast<int>(value)); }
ECMPD_AVX512_INLINE __m128i load16(const uint8_t* at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); }

/// 16 bytes at `offset` of four frames.
ECMPD_AVX512_INLINE __m512i four(const uint8_t* const* frames, unsigned offset) {
  __m512i out = _mm512_castsi128_si512(load16(frames[0] + offset));
  out = _mm512_inserti32x4(out, load16(frames[1] + offset), 1);
  out = _mm512_inserti32x4(out, load16(frames[2] + offset), 2);
  return _mm512_inserti32x4(out, load16(frames[3] + offset), 3);
}

/// From the order of columns to that of packets, and back.
ECMPD_AVX512_INLINE __m512i reorder(__m512i words) {
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return _mm512_permutexvar_epi32(order, words);
}
ECMPD_AVX512_INLINE unsigned reorder(__mmask16 bits) {
  const __m512i words = reorder(_mm512_maskz_mov_epi32(bits, all(1)));
  return _mm512_test_epi32_mask(words, words);
}

/// Bit i: one of the bits 4 * i to 4 * i + 3.
inline unsigned any_of_four(uint64_t bits) {
  unsigned out = 0;
  for (unsigned i = 0; i < kLanes; ++i) out |= static_cast<unsigned>((bits >> 4 * i & 15) != 0) << i;
  return out;
}

/// Both halves of a two-byte number in network byte order that lies in the upper half of a word.
ECMPD_AVX512_INLINE __m512i upper_number(__m512i words) {
  return _mm512_or_si512(_mm512_and_si512(_mm512_srli_epi32(words, 8), all(0xff00)), _mm512_srli_epi32(words, 24));
}

/// The openings (classify_frames.h) of sixteen frames.
struct Openings {
  __m512i bytes, mask;

  ECMPD_AVX512_INLINE explicit Openings(const Opening& opening)
      : bytes(_mm512_broadcast_i32x4(load16(opening.bytes.data()))),
        mask(_mm512_broadcast_i32x4(load16(opening.mask.data()))) {}

  /// A bit for each word that is wrong: four bits a packet.
  ECMPD_AVX512_INLINE uint64_t wrong(const uint8_t* const* frames) const {
    uint64_t out = 0;
    for (unsigned j = 0; j < 4; ++j) {
      const __m512i differing = _mm512_xor_si512(four(frames + 4 * j, 0), bytes);
      out |= uint64_t{_mm512_test_epi32_mask(differing, mask)} << 16 * j;
    }
    return out;
  }
};

struct Checked {
  unsigned common;  // bits in the order of packets
  unsigned padded;  // of these, the ones with padding
};

/// From the order of columns to that of packets. `stated` is the length that a header gives, not above `available`
/// where the packet is `ok`.
ECMPD_AVX512_INLINE Checked checked(__mmask16 ok, uint64_t wrong_openings, __m512i stated, __m512i available) {
  unsigned common = reorder(ok);
  if (wrong_openings != 0) [[unlikely]]
    common &= ~any_of_four(wrong_openings);
  const auto padded = static_cast<unsigned>(_mm512_mask_cmplt_epu32_mask(ok, stated, available));
  return {common, padded == 0 ? 0 : reorder(static_cast<__mmask16>(padded)) & common};
}

/// Kernel::check() for all blocks of a burst, whose keys go to `keys`; takes the padding off.
template <typename Kernel, typename AnyBurst>
ECMPD_AVX512_INLINE uint64_t check_all(const Opening& opening, Burst& burst, AnyBurst& keys, const Frames& frames) {
  const Kernel kernel{Openings(opening)};
  uint64_t common = 0;
  const unsigned count = burst.count;
  for (unsigned first = 0; first < count; first += kLanes) {
    const Checked block = kernel.check(keys, frames, first);
    common |= uint64_t{block.common} << first;
    for (unsigned padded = block.padded; padded != 0; padded &= padded - 1) {
      rte_mbuf* packet = burst.mbuf[first + static_cast<unsigned>(std::countr_zero(padded))];
      take_padding_off(packet, Kernel::packet_bytes(rte_pktmbuf_mtod_offset(packet, const uint8_t*, kEthernet)));
    }
  }
  return common;
}

}  // namespace ecmpd::dataplane::classify
