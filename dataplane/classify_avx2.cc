// Common packets of both families, eight at a time. parse takes 7.8 cycles a packet with it, with IPv6 9.1; by plain
// code 18.4 and 11.4, by AVX-512 6.6 and 7.5 (bench/stage_bench, packets in L1).
#include "dataplane/classify_avx2.h"
#include "dataplane/ipv6.h"

namespace ecmpd::dataplane::classify {

namespace {

/// TCP or UDP, by a byte of `words` that `shift` says.
ECMPD_AVX2_INLINE __m256i has_ports(__m256i words, unsigned shift) {
  const __m256i protocol = _mm256_and_si256(words, each(0xffu << shift));
  return _mm256_or_si256(_mm256_cmpeq_epi32(protocol, each(6u << shift)),
                         _mm256_cmpeq_epi32(protocol, each(17u << shift)));
}

struct Kernel4 {
  PairOpenings openings;

  /// By a good header.
  static unsigned packet_bytes(const uint8_t* ip) { return unsigned{ip[2]} << 8 | ip[3]; }

  /// Neither 0/8 nor 127/8 nor anything from 224/4 on, by the first byte of addresses in network byte order.
  ECMPD_AVX2_INLINE static __m256i not_martian(__m256i addresses) {
    const __m256i top = _mm256_and_si256(addresses, each(0xff));
    const __m256i inside = at_most(_mm256_sub_epi32(top, each(1)), each(222));
    return _mm256_andnot_si256(_mm256_cmpeq_epi32(top, each(127)), inside);
  }

  /// Eight frames from `first` on.
  ECMPD_AVX2_INLINE PairChecked check(Burst& burst, const Frames& frames, unsigned first) const {
    const uint8_t* const* start = &frames.start[first];
    __m256i header[4], key[4];
    for (unsigned j = 0; j < 4; ++j) {
      header[j] = pair(start + 2 * j, kEthernet);
      key[j] = pair(start + 2 * j, kEthernet + hash::Key4::kHeaderOffset);
      _mm256_store_si256(reinterpret_cast<__m256i*>(&burst.key[first + 2 * j]), key[j]);
    }
    const Words of_header(header), of_key(key);
    const __m256i length = of_header.low0;    // bytes 0 to 3: version, TOS, total length
    const __m256i fragment = of_header.low1;  // 4 to 7: identification, flags and offset
    const __m256i hops = of_key.low0;         // 8 to 11: TTL, protocol, checksum
    const __m256i source = of_key.low1, destination = of_key.high0;

    // The one's complement sum of ten words: after one carry 0xffff if it is right (RFC 1071).
    const __m256i half = each(0xffff);
    __m256i low = _mm256_and_si256(length, half), high = _mm256_srli_epi32(length, 16);
    for (const __m256i words : {fragment, hops, source, destination}) {
      low = _mm256_add_epi32(low, _mm256_and_si256(words, half));
      high = _mm256_add_epi32(high, _mm256_srli_epi32(words, 16));
    }
    const __m256i sum = _mm256_add_epi32(low, high);
    const __m256i folded = _mm256_add_epi32(_mm256_and_si256(sum, half), _mm256_srli_epi32(sum, 16));
    __m256i ok = _mm256_and_si256(openings.good(start), _mm256_cmpeq_epi32(folded, half));

    const __m256i total = upper_number(length);
    const __m256i bytes = _mm256_load_si256(reinterpret_cast<const __m256i*>(&frames.bytes[first]));
    const __m256i available = _mm256_sub_epi32(in_columns(bytes), each(kEthernet));
    ok = _mm256_and_si256(ok, _mm256_and_si256(at_most(each(24), total), at_most(total, available)));
    ok = _mm256_and_si256(ok, is_zero(_mm256_and_si256(fragment, each(0xff3f0000))));  // neither MF nor an offset
    ok = _mm256_andnot_si256(is_zero(_mm256_and_si256(hops, each(0xfe))), ok);         // TTL above 1
    ok = _mm256_and_si256(ok, has_ports(hops, 8));
    ok = _mm256_and_si256(ok, _mm256_and_si256(not_martian(source), not_martian(destination)));

    const __m256i swap = _mm256_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12, 3, 2, 1, 0, 7, 6, 5, 4,
                                          11, 10, 9, 8, 15, 14, 13, 12);
    _mm256_store_si256(reinterpret_cast<__m256i*>(&burst.destination[first]),
                       in_order(_mm256_shuffle_epi8(destination, swap)));
    return pair_checked(ok, total, available);
  }
};

struct Kernel6 {
  PairOpenings openings;

  /// By a good header.
  static unsigned packet_bytes(const uint8_t* ip) { return kIpv6Header + (unsigned{ip[4]} << 8 | ip[5]); }

  /// By their first eight bytes, addresses that packets travel from and to: not :: and ::1, multicast or link-local,
  /// nor what else begins so that nobody uses.
  ECMPD_AVX2_INLINE static __m256i not_special(__m256i first, __m256i second) {
    const __m256i low = at_most(_mm256_and_si256(first, each(0xff)), each(0xfd));
    return _mm256_andnot_si256(is_zero(_mm256_or_si256(first, second)), low);
  }

  /// Eight frames from `first` on.
  ECMPD_AVX2_INLINE PairChecked check(Burst6& burst6, const Frames& frames, unsigned first) const {
    const uint8_t* const* start = &frames.start[first];
    __m256i header[4], target[4];
    for (unsigned j = 0; j < 4; ++j) {
      header[j] = pair(start + 2 * j, kEthernet);
      target[j] = pair(start + 2 * j, kEthernet + kIpv6DestinationAt);
    }
    for (unsigned i = 0; i < kPairLanes; ++i) {
      const uint8_t* const from = start[i] + kEthernet + hash::Key6::kHeaderOffset;
      uint8_t* const to = burst6.key[first + i].bytes.data();
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
      std::memcpy(to + 32, from + 32, 8);
    }
    const Words of_header(header), of_target(target);
    const __m256i length = of_header.low1;  // bytes 4 to 7: payload length, next header, hop limit

    const __m256i payload = upper_number(_mm256_slli_epi32(length, 16));
    const __m256i bytes = _mm256_load_si256(reinterpret_cast<const __m256i*>(&frames.bytes[first]));
    const __m256i available = _mm256_sub_epi32(in_columns(bytes), each(kEthernet + kIpv6Header));
    // Shorter ones wrap, and are far too long then.
    __m256i ok = _mm256_and_si256(openings.good(start), at_most(available, each(0xffff)));
    ok = _mm256_and_si256(ok, _mm256_and_si256(at_most(each(4), payload), at_most(payload, available)));
    ok = _mm256_andnot_si256(is_zero(_mm256_and_si256(length, each(0xfe000000))), ok);  // hop limit above 1
    ok = _mm256_and_si256(ok, has_ports(length, 16));
    ok = _mm256_and_si256(ok, not_special(of_header.high0, of_header.high1));
    ok = _mm256_and_si256(ok, not_special(of_target.low0, of_target.low1));
    return pair_checked(ok, payload, available);
  }
};

/// Kernel::check() for all blocks of a burst, whose keys go to `keys`; takes the padding off.
template <typename Kernel, typename AnyBurst>
ECMPD_AVX2_INLINE uint64_t check_pairs(const Opening& opening, Burst& burst, AnyBurst& keys, const Frames& frames) {
  const Kernel kernel{PairOpenings(opening)};
  uint64_t common = 0;
  const unsigned count = burst.count;
  for (unsigned first = 0; first < count; first += kPairLanes) {
    const PairChecked block = kernel.check(keys, frames, first);
    common |= uint64_t{block.common} << first;
    for (unsigned padded = block.padded; padded != 0; padded &= padded - 1) {
      rte_mbuf* packet = burst.mbuf[first + static_cast<unsigned>(std::countr_zero(padded))];
      take_padding_off(packet, Kernel::packet_bytes(rte_pktmbuf_mtod_offset(packet, const uint8_t*, kEthernet)));
    }
  }
  return common;
}

}  // namespace

ECMPD_AVX2 uint64_t common4_avx2(Burst& burst, const PortFacts& port, const Frames& frames) {
  return check_pairs<Kernel4>(opening4(port), burst, burst, frames);
}

ECMPD_AVX2 uint64_t common6_avx2(Burst& burst, Burst6& burst6, const PortFacts& port, const Frames& frames) {
  return check_pairs<Kernel6>(opening6(port), burst, burst6, frames);
}

}  // namespace ecmpd::dataplane::classify
