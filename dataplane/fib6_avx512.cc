// Bulk lookup in the IPv6 FIB for CPUs with AVX-512: up to 64 addresses go down the trie in step, 16 to a register.
//
// How many levels an address takes is hard to predict where prefixes of many lengths mix, and a mispredicted branch
// costs more than a level; here all take as many turns as the longest way among them. What was skipped on the way is
// compared at the end: the last node that was linked past left-out levels has the prefix of all before it. The few
// addresses for which that comparison fails start again, one by one. Elements of a gather are aligned 32-bit loads, and
// a level's are issued after those of the level before, on whose results they depend.
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

/// Sixteen lookups on their way.
struct Lanes {
  Words words;
  __m512i entry;
  __m512i skipped;    // the last link that skips; at first node 0, which matches every address
  __mmask16 links;    // lanes whose entry is a link,
  __mmask16 at_node;  // and not to a leaf
};

}  // namespace

/// The addresses and results of kGroups times sixteen lookups. Several groups at once hide each other's latency and
/// share the branch that ends the walk: 21 cycles an address with one, 14 with two, 13 with four (1,000 prefixes).
template <unsigned kGroups>
[[gnu::target("avx512f")]] void Fib6::lookup_groups_avx512(const uint8_t* const* addresses, GroupId* results) const {
  const __m512i link_bit = _mm512_set1_epi32(static_cast<int>(kLink));
  const __m512i skips_bit = _mm512_set1_epi32(kSkips);
  const __m512i byte_mask = _mm512_set1_epi32(kByteMask);
  const __m512i index_mask = _mm512_set1_epi32(kIndexMask);
  Lanes groups[kGroups];
  unsigned walking = 0;
#pragma GCC unroll 4
  for (unsigned g = 0; g < kGroups; ++g) {
    Lanes& lanes = groups[g];
    lanes.words = transpose(addresses + kLanes * g);
    lanes.entry = _mm512_i32gather_epi32(root_index(lanes.words.word[0]), root_, 4);
    lanes.skipped = _mm512_setzero_si512();
    lanes.links = _mm512_test_epi32_mask(lanes.entry, link_bit);
    lanes.at_node = _mm512_mask_test_epi32_mask(lanes.links, lanes.entry, byte_mask);
    walking |= lanes.at_node;
  }
  while (walking != 0) {
    walking = 0;
#pragma GCC unroll 4
    for (unsigned g = 0; g < kGroups; ++g) {
      Lanes& lanes = groups[g];
      const __mmask16 skips = _mm512_mask_test_epi32_mask(lanes.at_node, lanes.entry, skips_bit);
      lanes.skipped = _mm512_mask_mov_epi32(lanes.skipped, skips, lanes.entry);
      const __m512i byte = select_byte(lanes.words, _mm512_srli_epi32(lanes.entry, kByteShift));
      const __m512i first = _mm512_slli_epi32(_mm512_and_si512(lanes.entry, index_mask), std::countr_zero(kNodeSize));
      lanes.entry = _mm512_mask_i32gather_epi32(lanes.entry, lanes.at_node, _mm512_or_si512(first, byte), entries_, 4);
      lanes.links = _mm512_test_epi32_mask(lanes.entry, link_bit);
      lanes.at_node = _mm512_mask_test_epi32_mask(lanes.links, lanes.entry, byte_mask);
      walking |= lanes.at_node;
    }
  }

  for (unsigned g = 0; g < kGroups; ++g) {
    const Lanes& lanes = groups[g];
    // What is still a link leads to a leaf.
    const __m512i compare =
        _mm512_and_si512(_mm512_mask_mov_epi32(lanes.skipped, lanes.links, lanes.entry), index_mask);
    static_assert(sizeof(Node) == 64);
    const auto* const leaf_groups = reinterpret_cast<const uint8_t*>(nodes_) + offsetof(Node, group);
    const __m512i result =
        _mm512_mask_i32gather_epi32(lanes.entry, lanes.links, _mm512_slli_epi32(compare, 4), leaf_groups, 4);
    _mm512_storeu_si512(results + kLanes * g, result);
    alignas(64) uint32_t nodes[kLanes];
    _mm512_store_si512(nodes, compare);
    unsigned others = 0;
    for (unsigned i = 0; i < kLanes; ++i) {
      others |= static_cast<unsigned>(!matches(nodes_[nodes[i]], addresses[kLanes * g + i])) << i;
    }
    for (; others != 0; others &= others - 1) {
      const unsigned i = kLanes * g + static_cast<unsigned>(std::countr_zero(others));
      results[i] = lookup(addresses[i]);
    }
  }
}

void Fib6::lookup_bulk_avx512(const uint8_t* const* addresses, GroupId* results, unsigned count) const {
  unsigned done = 0;
  for (; done + 4 * kLanes <= count; done += 4 * kLanes) lookup_groups_avx512<4>(addresses + done, results + done);
  if (done + 2 * kLanes <= count) {
    lookup_groups_avx512<2>(addresses + done, results + done);
    done += 2 * kLanes;
  }
  if (done + kLanes <= count) {
    lookup_groups_avx512<1>(addresses + done, results + done);
    done += kLanes;
  }
  for (; done < count; ++done) results[done] = lookup(addresses[done]);
}

}  // namespace ecmpd::dataplane
