// Common IPv4 packets 16 at a time.
#include "dataplane/classify_avx512.h"

namespace ecmpd::dataplane::classify {

namespace {

/// 0/8, 127/8 and all from 224/4 on, by the first byte of addresses in network byte order.
ECMPD_AVX512_INLINE __mmask16 not_martian(__mmask16 among, __m512i addresses) {
  const __m512i top = _mm512_and_si512(addresses, all(0xff));
  const __mmask16 inside = _mm512_mask_cmplt_epu32_mask(among, _mm512_sub_epi32(top, all(1)), all(223));
  return _mm512_mask_cmpneq_epi32_mask(inside, top, all(127));
}

/// What one block of packets needs, in registers.
struct Kernel {
  Openings openings;

  /// By a good header.
  static unsigned packet_bytes(const uint8_t* ip) { return unsigned{ip[2]} << 8 | ip[3]; }

  /// Sixteen frames from `first` on.
  ECMPD_AVX512_INLINE Checked check(Burst& burst, const Frames& frames, unsigned first) const {
    __m512i header[4], key[4];
    for (unsigned j = 0; j < 4; ++j) {
      const uint8_t* const* start = &frames.start[first + 4 * j];
      header[j] = four(start, kEthernet);
      key[j] = four(start, kEthernet + hash::Key4::kHeaderOffset);
      _mm512_store_si512(&burst.key[first + 4 * j], key[j]);
    }
    const uint64_t wrong = openings.wrong(&frames.start[first]);

    const __m512i h01 = _mm512_unpacklo_epi32(header[0], header[1]), h23 = _mm512_unpacklo_epi32(header[2], header[3]);
    const __m512i length = _mm512_unpacklo_epi64(h01, h23);    // bytes 0 to 3: version, TOS, total length
    const __m512i fragment = _mm512_unpackhi_epi64(h01, h23);  // 4 to 7: identification, flags and offset
    const __m512i k01 = _mm512_unpacklo_epi32(key[0], key[1]), k23 = _mm512_unpacklo_epi32(key[2], key[3]);
    const __m512i hops = _mm512_unpacklo_epi64(k01, k23);  // 8 to 11: TTL, protocol, checksum
    const __m512i source = _mm512_unpackhi_epi64(k01, k23);
    const __m512i destination =
        _mm512_unpacklo_epi64(_mm512_unpackhi_epi32(key[0], key[1]), _mm512_unpackhi_epi32(key[2], key[3]));

    // The one's complement sum of ten words: after one carry 0xffff if it is right (RFC 1071).
    const __m512i half = all(0xffff);
    __m512i low = _mm512_and_si512(length, half), high = _mm512_srli_epi32(length, 16);
    for (const __m512i words : {fragment, hops, source, destination}) {
      low = _mm512_add_epi32(low, _mm512_and_si512(words, half));
      high = _mm512_add_epi32(high, _mm512_srli_epi32(words, 16));
    }
    const __m512i sum = _mm512_add_epi32(low, high);
    const __m512i folded = _mm512_add_epi32(_mm512_and_si512(sum, half), _mm512_srli_epi32(sum, 16));
    __mmask16 ok = _mm512_cmpeq_epi32_mask(folded, half);

    const __m512i total = upper_number(length);
    const __m512i available = _mm512_sub_epi32(reorder(_mm512_load_si512(&frames.bytes[first])), all(kEthernet));
    ok = _mm512_mask_cmpge_epu32_mask(ok, total, all(24));
    ok = _mm512_mask_cmple_epu32_mask(ok, total, available);
    ok = _mm512_mask_testn_epi32_mask(ok, fragment, all(0xff3f0000));  // neither MF nor an offset
    ok = _mm512_mask_test_epi32_mask(ok, hops, all(0xfe));             // TTL above 1
    const __m512i protocol = _mm512_and_si512(hops, all(0xff00));
    ok &= static_cast<__mmask16>(_mm512_cmpeq_epi32_mask(protocol, all(6 << 8)) |
                                 _mm512_cmpeq_epi32_mask(protocol, all(17 << 8)));
    ok = not_martian(not_martian(ok, source), destination);

    const __m512i swapped = _mm512_or_si512(_mm512_and_si512(_mm512_rol_epi32(destination, 8), all(0x00ff00ff)),
                                            _mm512_and_si512(_mm512_ror_epi32(destination, 8), all(0xff00ff00)));
    _mm512_store_si512(&burst.destination[first], reorder(swapped));
    return checked(ok, wrong, total, available);
  }
};

}  // namespace

ECMPD_AVX512 uint64_t common4_avx512(Burst& burst, const PortFacts& port, const Frames& frames) {
  return check_all<Kernel>(opening4(port), burst, burst, frames);
}

}  // namespace ecmpd::dataplane::classify
