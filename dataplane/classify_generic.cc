// Common packets by plain code, one after the other: for every CPU.
#include <rte_byteorder.h>
#include <smmintrin.h>

#include "dataplane/classify_frames.h"
#include "dataplane/ipv6.h"

namespace ecmpd::dataplane::classify {

namespace {

template <typename Word>
Word word_at(const uint8_t* bytes) {
  Word out;
  std::memcpy(&out, bytes, sizeof out);
  return out;
}

/// Sums of 16-bit words in one's complement are remainders by 0xffff, whatever the size of the words that were added;
/// and of a header, which is not all zeros, the sum is 0xffff when it is divisible (RFC 1071). Division by an odd
/// constant without remainder is a multiplication.
inline bool checksum_is_correct20(uint64_t first, uint64_t second, uint32_t last) {
  uint64_t sum;
  sum = first + second;
  sum += sum < second;
  sum += last;
  sum += sum < last;
  constexpr uint64_t kInverse = [] {
    uint64_t inverse = 1;
    for (unsigned i = 0; i < 6; ++i) inverse *= 2 - 0xffff * inverse;  // Newton
    return inverse;
  }();
  return sum * kInverse <= ~uint64_t{0} / 0xffff;
}

inline __m128i at(const void* bytes) { return _mm_loadu_si128(static_cast<const __m128i*>(bytes)); }

/// 0/8, 127/8 and all from 224/4 on: not an address that a packet travels from or to.
inline bool is_martian(uint8_t top) { return top == 127 || static_cast<uint8_t>(top - 1) >= 223; }

/// The upper half of an address that a packet does not travel from or to: :: and ::1, multicast, link-local, and what
/// else begins so that nobody uses.
inline bool is_special6(uint64_t upper) { return upper == 0 || static_cast<uint8_t>(upper) >= 0xfe; }

}  // namespace

uint64_t common4_generic(Burst& burst, const PortFacts& port, const Frames& frames) {
  const Opening opening = opening4(port);
  const __m128i wanted = at(opening.bytes.data()), mask = at(opening.mask.data());
  constexpr uint64_t kFragment = 0xff3f000000000000u;  // MF and offset, not DF
  uint64_t common = 0;
  const unsigned count = burst.count;
  for (unsigned i = 0; i < count; ++i) {
    const uint8_t* frame = frames.start[i];
    const uint8_t* ip = frame + kEthernet;
    const uint64_t first = word_at<uint64_t>(ip), second = word_at<uint64_t>(ip + 8);
    const uint32_t destination = word_at<uint32_t>(ip + 16);
    const unsigned total = rte_bswap16(static_cast<uint16_t>(first >> 16));
    const unsigned available = frames.bytes[i] - kEthernet;
    const auto ttl = static_cast<uint8_t>(second), protocol = static_cast<uint8_t>(second >> 8);
    _mm_store_si128(reinterpret_cast<__m128i*>(burst.key[i].bytes.data()), at(ip + hash::Key4::kHeaderOffset));
    burst.destination[i] = rte_bswap32(destination);
    const bool good = _mm_testz_si128(_mm_xor_si128(at(frame), wanted), mask) && (first & kFragment) == 0 &&
                      total - 24 <= available - 24 && ttl > 1 && (protocol == 6 || protocol == 17) &&
                      !is_martian(static_cast<uint8_t>(second >> 32)) &&
                      !is_martian(static_cast<uint8_t>(destination)) &&
                      checksum_is_correct20(first, second, destination);
    if (!good) [[unlikely]]
      continue;
    common |= uint64_t{1} << i;
    if (total != available) [[unlikely]]
      take_padding_off(burst.mbuf[i], total);
  }
  return common;
}

uint64_t common6_generic(Burst& burst, Burst6& burst6, const PortFacts& port, const Frames& frames) {
  const Opening opening = opening6(port);
  const __m128i wanted = at(opening.bytes.data()), mask = at(opening.mask.data());
  uint64_t common = 0;
  const unsigned count = burst.count;
  for (unsigned i = 0; i < count; ++i) {
    const uint8_t* frame = frames.start[i];
    if (frames.bytes[i] < kLeast6 || !_mm_testz_si128(_mm_xor_si128(at(frame), wanted), mask)) continue;
    const uint8_t* ip = frame + kEthernet;
    const auto head = word_at<uint64_t>(ip);
    const unsigned payload = rte_bswap16(static_cast<uint16_t>(head >> 32));
    const unsigned available = frames.bytes[i] - kEthernet - kIpv6Header;
    const auto protocol = static_cast<uint8_t>(head >> 48), hops = static_cast<uint8_t>(head >> 56);
    std::memcpy(burst6.key[i].bytes.data(), ip + hash::Key6::kHeaderOffset, sizeof(hash::Key6));
    const bool good = payload - 4 <= available - 4 && hops > 1 && (protocol == 6 || protocol == 17) &&
                      !is_special6(word_at<uint64_t>(ip + kIpv6SourceAt)) &&
                      !is_special6(word_at<uint64_t>(ip + kIpv6DestinationAt));
    if (!good) [[unlikely]]
      continue;
    common |= uint64_t{1} << i;
    if (payload != available) [[unlikely]]
      take_padding_off(burst.mbuf[i], kIpv6Header + payload);
  }
  return common;
}

}  // namespace ecmpd::dataplane::classify
