// Bulk lookup in the IPv6 FIB for CPUs with AVX-512: sixteen addresses go down the trie in step.
//
// How many levels an address takes is hard to predict where prefixes of many lengths mix, and a mispredicted branch
// costs more than a level; here all sixteen take as many turns as the longest way among them. What was skipped on the
// way is compared at the end: the last node that was linked past left-out levels has the prefix of all before it. The
// few addresses for which that comparison fails start again, one by one. Elements of a gather are aligned 32-bit loads,
// and a level's are issued after those of the level before, on whose results they depend.
#include <immintrin.h>

#include <bit>
#include <cstddef>

#include "dataplane/fib6.h"

// GCC 12 takes the deliberately undefined operands inside its own AVX-512 intrinsics for mistakes.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#define ECMPD_AVX512 [[gnu::target("avx512f"), gnu::always_inline]] inline

namespace ecmpd::dataplane {
namespace {

constexpr unsigned kLanes = 16;

/// Sixteen addresses by their 32-bit words: lane i of word[w] has bytes 4w to 4w+3 of address i as they lie in memory.
struct Words {
  __m512i word[4];
};

ECMPD_AVX512 __m512i every_fourth(const uint8_t* const* addresses) {
  const auto at = [](const uint8_t* address) { return reinterpret_cast<const __m128i*>(address); };
  __m512i out = _mm512_castsi128_si512(_mm_loadu_si128(at(addresses[0])));
  out = _mm512_inserti32x4(out, _mm_loadu_si128(at(addresses[4])), 1);
  out = _mm512_inserti32x4(out, _mm_loadu_si128(at(addresses[8])), 2);
  return _mm512_inserti32x4(out, _mm_loadu_si128(at(addresses[12])), 3);
}

ECMPD_AVX512 Words transpose(const uint8_t* const* addresses) {
  const __m512i a = every_fourth(addresses), b = every_fourth(addresses + 1);
  const __m512i c = every_fourth(addresses + 2), d = every_fourth(addresses + 3);
  const __m512i ab_low = _mm512_unpacklo_epi32(a, b), ab_high = _mm512_unpackhi_epi32(a, b);
  const __m512i cd_low = _mm512_unpacklo_epi32(c, d), cd_high = _mm512_unpackhi_epi32(c, d);
  return {{_mm512_unpacklo_epi64(ab_low, cd_low), _mm512_unpackhi_epi64(ab_low, cd_low),
           _mm512_unpacklo_epi64(ab_high, cd_high), _mm512_unpackhi_epi64(ab_high, cd_high)}};
}

/// In each lane the byte whose number is in the low four bits of `number`.
ECMPD_AVX512 __m512i select_byte(const Words& words, __m512i number) {
  const __mmask16 odd = _mm512_test_epi32_mask(number, _mm512_set1_epi32(4));
  const __mmask16 upper = _mm512_test_epi32_mask(number, _mm512_set1_epi32(8));
  const __m512i low_half = _mm512_mask_mov_epi32(words.word[0], odd, words.word[1]);
  const __m512i high_half = _mm512_mask_mov_epi32(words.word[2], odd, words.word[3]);
  const __m512i word = _mm512_mask_mov_epi32(low_half, upper, high_half);
  const __m512i bits = _mm512_slli_epi32(_mm512_and_si512(number, _mm512_set1_epi32(3)), 3);
  return _mm512_and_si512(_mm512_srlv_epi32(word, bits), _mm512_set1_epi32(0xff));
}

/// The first two bytes as a number.
ECMPD_AVX512 __m512i root_index(__m512i word) {
  const __m512i byte = _mm512_set1_epi32(0xff);
  return _mm512_or_si512(_mm512_slli_epi32(_mm512_and_si512(word, byte), 8),
                         _mm512_and_si512(_mm512_srli_epi32(word, 8), byte));
}

}  // namespace

[[gnu::target("avx512f")]] void Fib6::lookup_bulk_avx512(const uint8_t* const* addresses, GroupId* results,
                                                         unsigned count) const {
  const __m512i link_bit = _mm512_set1_epi32(static_cast<int>(kLink));
  const __m512i skips_bit = _mm512_set1_epi32(kSkips);
  const __m512i byte_mask = _mm512_set1_epi32(kByteMask);
  const __m512i index_mask = _mm512_set1_epi32(kIndexMask);
  unsigned done = 0;
  for (; done + kLanes <= count; done += kLanes) {
    const Words words = transpose(addresses + done);
    __m512i entry = _mm512_i32gather_epi32(root_index(words.word[0]), root_, 4);
    __m512i skipped = _mm512_setzero_si512();  // the last link that skips; node 0 matches every address
    __mmask16 links = _mm512_test_epi32_mask(entry, link_bit);
    while (const __mmask16 at_node = _mm512_mask_test_epi32_mask(links, entry, byte_mask)) {
      skipped = _mm512_mask_mov_epi32(skipped, _mm512_mask_test_epi32_mask(at_node, entry, skips_bit), entry);
      const __m512i byte = select_byte(words, _mm512_srli_epi32(entry, kByteShift));
      const __m512i first = _mm512_slli_epi32(_mm512_and_si512(entry, index_mask), std::countr_zero(kNodeSize));
      entry = _mm512_mask_i32gather_epi32(entry, at_node, _mm512_or_si512(first, byte), entries_, 4);
      links = _mm512_test_epi32_mask(entry, link_bit);
    }

    // What is still a link leads to a leaf.
    const __m512i compare = _mm512_and_si512(_mm512_mask_mov_epi32(skipped, links, entry), index_mask);
    if (links != 0) {
      static_assert(sizeof(Node) == 64);
      const auto* const groups = reinterpret_cast<const uint8_t*>(nodes_) + offsetof(Node, group);
      entry = _mm512_mask_i32gather_epi32(entry, links, _mm512_slli_epi32(compare, 4), groups, 4);
    }
    _mm512_storeu_si512(results + done, entry);
    if (_mm512_test_epi32_mask(compare, compare) == 0) continue;
    alignas(64) uint32_t nodes[kLanes];
    _mm512_store_si512(nodes, compare);
    unsigned others = 0;
    for (unsigned i = 0; i < kLanes; ++i) {
      others |= static_cast<unsigned>(!matches(nodes_[nodes[i]], addresses[done + i])) << i;
    }
    for (; others != 0; others &= others - 1) {
      const unsigned i = done + static_cast<unsigned>(std::countr_zero(others));
      results[i] = lookup(addresses[i]);
    }
  }
  for (; done < count; ++done) results[done] = lookup(addresses[done]);
}

}  // namespace ecmpd::dataplane
