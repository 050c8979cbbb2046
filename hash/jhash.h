// Bob Jenkins's lookup3 ("jhash"), equal to DPDK's jhash and to hashword() of lookup3.c over the same words.
//
// Pure function; any thread.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>

namespace ecmpd::hash {

/// `kBytes` is a positive multiple of 4; words as they lie in memory (little endian, as all of this program's hosts).
template <size_t kBytes>
inline uint32_t jhash(std::span<const uint8_t, kBytes> bytes, uint32_t seed) {
  static_assert(kBytes % 4 == 0 && kBytes > 0);
  constexpr size_t kWords = kBytes / 4;
  uint32_t k[kWords];
  std::memcpy(k, bytes.data(), kBytes);

  uint32_t a = 0xdeadbeefu + static_cast<uint32_t>(kBytes) + seed, b = a, c = a;
  size_t i = 0;
  for (; i + 3 < kWords; i += 3) {
    a += k[i], b += k[i + 1], c += k[i + 2];
    a -= c, a ^= std::rotl(c, 4), c += b;
    b -= a, b ^= std::rotl(a, 6), a += c;
    c -= b, c ^= std::rotl(b, 8), b += a;
    a -= c, a ^= std::rotl(c, 16), c += b;
    b -= a, b ^= std::rotl(a, 19), a += c;
    c -= b, c ^= std::rotl(b, 4), b += a;
  }
  a += k[i];  // the last one to three words
  if (kWords - i > 1) b += k[i + 1];
  if (kWords - i > 2) c += k[i + 2];
  c ^= b, c -= std::rotl(b, 14);
  a ^= c, a -= std::rotl(c, 11);
  b ^= a, b -= std::rotl(a, 25);
  c ^= b, c -= std::rotl(b, 16);
  a ^= c, a -= std::rotl(c, 4);
  b ^= a, b -= std::rotl(a, 14);
  c ^= b, c -= std::rotl(b, 24);
  return c;
}

}  // namespace ecmpd::hash
