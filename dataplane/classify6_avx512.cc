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
  Openings openings;

  /// By a good header.
  static unsigned packet_bytes(const uint8_t* ip) { return kIpv6Header + (unsigned{ip[4]} << 8 | ip[5]); }

  /// Sixteen frames from `first` on.
  ECMPD_AVX512_INLINE Checked check(Burst6& burst6, const Frames& frames, unsigned first) const {
    __m512i header[4], destination[4];
    for (unsigned j = 0; j < 4; ++j) {
      const uint8_t* const* start = &frames.start[first + 4 * j];
      header[j] = four(start, kEthernet);
      destination[j] = four(start, kEthernet + kIpv6DestinationAt);
      for (unsigned k = 0; k < 4; ++k) {
        copy_key(start[k] + kEthernet + hash::Key6::kHeaderOffset, burst6.key[first + 4 * j + k]);
      }
    }
    const uint64_t wrong = openings.wrong(&frames.start[first]);

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
    return checked(ok, wrong, payload, available);
  }
};

}  // namespace

ECMPD_AVX512 uint64_t common6_avx512(Burst& burst, Burst6& burst6, const PortFacts& port, const Frames& frames) {
  return check_all<Kernel>(opening6(port), burst, burst6, frames);
}

}  // namespace ecmpd::dataplane::classify
