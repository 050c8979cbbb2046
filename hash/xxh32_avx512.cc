// XXH32 of 16 keys at a time with AVX-512 (the foundation instructions only).
#if defined(__GNUC__) && !defined(__clang__)  // GCC 12's own intrinsics start from undefined registers
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include <cstring>

#include "hash/xxh32_kernels.h"

#define ECMPD_AVX512 __attribute__((target("avx512f")))
#define ECMPD_AVX512_INLINE __attribute__((target("avx512f"), always_inline)) inline

namespace ecmpd::hash::kernel {
namespace {

constexpr unsigned kLanes = 16;

ECMPD_AVX512_INLINE __m512i all(uint32_t value) { return _mm512_set1_epi32(static_cast<int>(value)); }
ECMPD_AVX512_INLINE __m512i load(const void* at) { return _mm512_loadu_si512(at); }

/// Of two registers, the first and second halves of the sums of each key: see merge().
alignas(64) constexpr uint32_t kFirstSums[] = {0, 4, 8, 12, 1, 5, 9, 13, 16, 20, 24, 28, 17, 21, 25, 29};
alignas(64) constexpr uint32_t kSecondSums[] = {2, 6, 10, 14, 3, 7, 11, 15, 18, 22, 26, 30, 19, 23, 27, 31};

struct Registers {
  __m512i prime1, prime2, prime3, prime4;
  __m512i start, rotate, first_sums, second_sums;
  __m512i mask, mask_second, mask_last;  // of a key's first 16 bytes, and of an IPv6 one's next 16 and last 8
  __m512i size;                          // of a key

  template <typename Key>
  ECMPD_AVX512_INLINE Registers(const Key& of_keys, uint32_t seed)
      : prime1(all(kConstants.prime1)),
        prime2(all(kConstants.prime2)),
        prime3(all(kConstants.prime3)),
        prime4(all(kConstants.prime4)),
        start(_mm512_add_epi32(all(seed), load(&kConstants.start))),
        rotate(load(&kConstants.rotate_left)),
        first_sums(load(kFirstSums)),
        second_sums(load(kSecondSums)),
        mask(_mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(of_keys.bytes.data())))),
        size(all(sizeof(Key) == sizeof(Key4) ? kConstants.size4 : kConstants.size6)) {
    if constexpr (sizeof(Key) == sizeof(Key6)) {
      uint64_t last;
      std::memcpy(&last, of_keys.bytes.data() + 32, sizeof last);
      mask_second =
          _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(of_keys.bytes.data() + 16)));
      mask_last = _mm512_set1_epi64(static_cast<long long>(last));
    }
  }
};

ECMPD_AVX512_INLINE __m512i round(const Registers& in, __m512i accumulators, __m512i words) {
  const __m512i sum = _mm512_add_epi32(accumulators, _mm512_mullo_epi32(words, in.prime2));
  return _mm512_mullo_epi32(_mm512_rol_epi32(sum, 13), in.prime1);
}

/// The sums of each key's rotated accumulators, and of its size. Register i has the accumulators of keys 4 * i and on.
ECMPD_AVX512_INLINE __m512i merge(const Registers& in, const __m512i* accumulators) {
  const __m512i a = _mm512_rolv_epi32(accumulators[0], in.rotate);
  const __m512i b = _mm512_rolv_epi32(accumulators[1], in.rotate);
  const __m512i c = _mm512_rolv_epi32(accumulators[2], in.rotate);
  const __m512i d = _mm512_rolv_epi32(accumulators[3], in.rotate);
  const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
  const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
  const __m512i sums = _mm512_add_epi32(_mm512_permutex2var_epi32(ab, in.first_sums, cd),
                                        _mm512_permutex2var_epi32(ab, in.second_sums, cd));
  return _mm512_add_epi32(sums, in.size);
}

/// Step by step for all blocks, so that each multiplication has others to wait with.
template <unsigned kBlocks>
ECMPD_AVX512_INLINE void avalanche_and_store(const Registers& in, __m512i (&hash)[kBlocks], uint32_t* out) {
  for (auto& h : hash) h = _mm512_mullo_epi32(_mm512_xor_si512(h, _mm512_srli_epi32(h, 15)), in.prime2);
  for (auto& h : hash) h = _mm512_mullo_epi32(_mm512_xor_si512(h, _mm512_srli_epi32(h, 13)), in.prime3);
  for (unsigned i = 0; i < kBlocks; ++i) {
    _mm512_storeu_si512(out + i * kLanes, _mm512_xor_si512(hash[i], _mm512_srli_epi32(hash[i], 16)));
  }
}

template <unsigned kBlocks>
ECMPD_AVX512_INLINE void blocks(const Registers& in, const Key4* keys, uint32_t* out) {
  __m512i four_keys[4 * kBlocks], hash[kBlocks];
  for (unsigned i = 0; i < 4 * kBlocks; ++i)
    four_keys[i] = round(in, in.start, _mm512_and_si512(load(keys + 4 * i), in.mask));
  for (unsigned i = 0; i < kBlocks; ++i) hash[i] = merge(in, four_keys + 4 * i);
  avalanche_and_store<kBlocks>(in, hash, out);
}

// Four keys of 40 bytes, 160 bytes in all, from which registers of 64 are loaded: two that hold what is wanted of two
// keys each, and one shuffle. Offsets are in bytes, indexes in words of eight.
alignas(64) constexpr uint64_t kStripes[] = {0, 1, 5, 6, 8, 9, 13, 14};
alignas(64) constexpr uint64_t kLastWords[] = {0, 5, 10, 15, 0, 5, 10, 15};
constexpr unsigned kTwoKeys = 2 * sizeof(Key6);

ECMPD_AVX512_INLINE __m512i stripe(const uint8_t* four_keys, unsigned offset) {
  return _mm512_permutex2var_epi64(load(four_keys + offset), load(kStripes), load(four_keys + kTwoKeys + offset));
}

/// Words 8 and 9 of four keys, twice.
ECMPD_AVX512_INLINE __m512i last_words(const uint8_t* four_keys) {
  return _mm512_permutex2var_epi64(load(four_keys + 32), load(kLastWords), load(four_keys + 160 - 64));
}

ECMPD_AVX512_INLINE __m512i tail_round(const Registers& in, __m512i hash, __m512i words) {
  hash = _mm512_add_epi32(hash, _mm512_mullo_epi32(words, in.prime3));
  return _mm512_mullo_epi32(_mm512_rol_epi32(hash, 17), in.prime4);
}

template <unsigned kBlocks>
ECMPD_AVX512_INLINE void blocks(const Registers& in, const Key6* keys, uint32_t* out) {
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  const __m512i odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
  __m512i hash[kBlocks];
  for (unsigned i = 0; i < kBlocks; ++i) {
    __m512i four_keys[4], last[4];
    for (unsigned j = 0; j < 4; ++j) {
      const uint8_t* bytes = keys[i * kLanes + 4 * j].bytes.data();
      const __m512i first = round(in, in.start, _mm512_and_si512(stripe(bytes, 0), in.mask));
      four_keys[j] = round(in, first, _mm512_and_si512(stripe(bytes, 16), in.mask_second));
      last[j] = _mm512_and_si512(last_words(bytes), in.mask_last);
    }
    const __m512i first = _mm512_mask_blend_epi64(0xf0, last[0], last[1]);
    const __m512i second = _mm512_mask_blend_epi64(0xf0, last[2], last[3]);
    hash[i] = merge(in, four_keys);
    hash[i] = tail_round(in, hash[i], _mm512_permutex2var_epi32(first, even, second));
    hash[i] = tail_round(in, hash[i], _mm512_permutex2var_epi32(first, odd, second));
  }
  avalanche_and_store<kBlocks>(in, hash, out);
}

/// What is left after the full bursts, `done` keys. The last block overlaps the one before it.
template <typename Key>
[[gnu::noinline]] ECMPD_AVX512 void rest(const Key* keys, const Key& mask, uint32_t* out, unsigned done, unsigned count,
                                         uint32_t seed) {
  if (count < kLanes) return short_burst<kLanes, Key>(keys, mask, out, count, seed, xxh32_avx512);
  const Registers in(mask, seed);
  for (; done + kLanes <= count; done += kLanes) blocks<1>(in, keys + done, out + done);
  if (done < count) blocks<1>(in, keys + count - kLanes, out + count - kLanes);
}

/// Four blocks at once, which is a full burst: one alone waits for its own multiplications (0.56 against 0.77 ns an
/// IPv4 key).
template <typename Key>
ECMPD_AVX512 void bulk(const Key* keys, const Key& mask, uint32_t* out, unsigned count, uint32_t seed) {
  const Registers in(mask, seed);
  unsigned i = 0;
  for (; i + 4 * kLanes <= count; i += 4 * kLanes) blocks<4>(in, keys + i, out + i);
  if (i < count) rest(keys, mask, out, i, count, seed);
}

}  // namespace

ECMPD_AVX512 void xxh32_avx512(const Key4* keys, const Key4& mask, uint32_t* out, unsigned count, uint32_t seed) {
  bulk(keys, mask, out, count, seed);
}
ECMPD_AVX512 void xxh32_avx512(const Key6* keys, const Key6& mask, uint32_t* out, unsigned count, uint32_t seed) {
  bulk(keys, mask, out, count, seed);
}

}  // namespace ecmpd::hash::kernel
