// Common IPv6 packets 16 at a time.
#include "dataplane/classify_avx512.h"
#include "dataplane/ipv6.h"

namespace ecmpd::dataplane::classify {

namespace {

/// By their first eight bytes, addresses that packets travel from and to: not :: and ::1, multicast or link-local, nor
/// what else begins so that nobody uses.
ECMPD_AVX512_INLINE __mmask16 not_special(__mmask16 among, __m512i first, __m512i second) {
  const __m512i either = _mm512_or_si512(first, second);
  const __mmask16 not_zero = _mm512_mask_test_epi32_mask(among, either, either);
  return _mm512_mask_cmplt_epu32_mask(not_zero, _mm512_and_si512(first, all(0xff)), all(0xfe));
}

ECMPD_AVX512_INLINE void copy_key(const uint8_t* from, hash::Key6& to) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to.bytes.data()),
                      _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
  std::memcpy(to.bytes.data() + 32, from + 32, 8);
}

struct Kernel {
  __m512i opening, opening_mask;

  /// Sixteen frames from `first` on.
  ECMPD_AVX512_INLINE Checked check(Burst6& burst6, const Frames& frames, unsigned first) const {
    __m512i header[4], destination[4];
    __mmask16 bad[4];
    for (unsigned j = 0; j < 4; ++j) {
      const uint8_t* const* start = &frames.start[first + 4 * j];
      bad[j] = _mm512_test_epi32_mask(_mm512_xor_si512(four(start, 0), opening), opening_mask);
      header[j] = four(start, kEthernet);
      destination[j] = four(start, kEthernet + kIpv6DestinationAt);
      for (unsigned k = 0; k < 4; ++k) {
        copy_key(start[k] + kEthernet + hash::Key6::kHeaderOffset, burst6.key[first + 4 * j + k]);
      }
    }
    // A bit for each word of the openings that is wrong: four bits a packet.
    const uint64_t wrong = uint64_t{bad[0]} | uint64_t{bad[1]} << 16 | uint64_t{bad[2]} << 32 | uint64_t{bad[3]} << 48;

    const __m512i h01 = _mm512_unpacklo_epi32(header[0], header[1]), h23 = _mm512_unpacklo_epi32(header[2], header[3]);
    const __m512i h01_high = _mm512_unpackhi_epi32(header[0], header[1]);
    const __m512i h23_high = _mm512_unpackhi_epi32(header[2], header[3]);
    const __m512i length = _mm512_unpackhi_epi64(h01, h23);  // bytes 4 to 7: payload length, next header, hop limit
    const __m512i source0 = _mm512_unpacklo_epi64(h01_high, h23_high);
    const __m512i source1 = _mm512_unpackhi_epi64(h01_high, h23_high);
    const __m512i d01 = _mm512_unpacklo_epi32(destination[0], destination[1]);
    const __m512i d23 = _mm512_unpacklo_epi32(destination[2], destination[3]);

    const __m512i payload = upper_number(_mm512_slli_epi32(length, 16));
    const __m512i available =
        _mm512_sub_epi32(reorder(_mm512_load_si512(&frames.bytes[first])), all(kEthernet + kIpv6Header));
    // Shorter ones wrap, and are far too long then.
    __mmask16 ok = _mm512_cmple_epu32_mask(available, all(0xffff));
    ok = _mm512_mask_cmple_epu32_mask(ok, payload, available);
    ok = _mm512_mask_cmpge_epu32_mask(ok, payload, all(4));
    ok = _mm512_mask_test_epi32_mask(ok, length, all(0xfe000000));  // hop limit above 1
    const __m512i protocol = _mm512_and_si512(length, all(0xff0000));
    ok &= static_cast<__mmask16>(_mm512_cmpeq_epi32_mask(protocol, all(6 << 16)) |
                                 _mm512_cmpeq_epi32_mask(protocol, all(17 << 16)));
    ok = not_special(ok, source0, source1);
    ok = not_special(ok, _mm512_unpacklo_epi64(d01, d23), _mm512_unpackhi_epi64(d01, d23));

    unsigned common = reorder(ok);
    if (wrong != 0) [[unlikely]]
      common &= ~any_of_four(wrong);
    const auto padded = static_cast<unsigned>(_mm512_mask_cmplt_epu32_mask(ok, payload, available));
    return {common, padded == 0 ? 0 : reorder(static_cast<__mmask16>(padded)) & common};
  }
};

}  // namespace

ECMPD_AVX512 uint64_t common6_avx512(Burst& burst, Burst6& burst6, const PortFacts& port, const Frames& frames) {
  const Opening opening = opening6(port);
  const Kernel kernel{_mm512_broadcast_i32x4(load16(opening.bytes.data())),
                      _mm512_broadcast_i32x4(load16(opening.mask.data()))};
  uint64_t common = 0;
  const unsigned count = burst.count;
  for (unsigned first = 0; first < count; first += kLanes) {
    const Checked block = kernel.check(burst6, frames, first);
    common |= uint64_t{block.common} << first;
    for (unsigned padded = block.padded; padded != 0; padded &= padded - 1) {
      rte_mbuf* packet = burst.mbuf[first + static_cast<unsigned>(std::countr_zero(padded))];
      const uint8_t* ip = rte_pktmbuf_mtod_offset(packet, const uint8_t*, kEthernet);
      take_padding_off(packet, kIpv6Header + (unsigned{ip[4]} << 8 | ip[5]));
    }
  }
  return common;
}

}  // namespace ecmpd::dataplane::classify
