// SipHash-2-4 (Aumasson and Bernstein, 2012) with a 64-bit result: a keyed function that nobody without the key can
// aim at one member. The slowest of all here.
//
// Pure function; any thread.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>

namespace ecmpd::hash {

struct SipKey {
  uint64_t k0 = 0;  // bytes 0 to 7 of the 128-bit key, little endian
  uint64_t k1 = 0;
};

/// `kBytes` is a multiple of 8.
template <size_t kBytes>
inline uint64_t siphash24(std::span<const uint8_t, kBytes> bytes, const SipKey& key) {
  static_assert(kBytes % 8 == 0);
  uint64_t v0 = key.k0 ^ 0x736f6d6570736575u, v1 = key.k1 ^ 0x646f72616e646f6du;
  uint64_t v2 = key.k0 ^ 0x6c7967656e657261u, v3 = key.k1 ^ 0x7465646279746573u;
  const auto rounds = [&](int count) {
    for (int i = 0; i < count; ++i) {
      v0 += v1, v1 = std::rotl(v1, 13), v1 ^= v0, v0 = std::rotl(v0, 32);
      v2 += v3, v3 = std::rotl(v3, 16), v3 ^= v2;
      v0 += v3, v3 = std::rotl(v3, 21), v3 ^= v0;
      v2 += v1, v1 = std::rotl(v1, 17), v1 ^= v2, v2 = std::rotl(v2, 32);
    }
  };
  const auto absorb = [&](uint64_t word) {
    v3 ^= word;
    rounds(2);
    v0 ^= word;
  };
  for (size_t at = 0; at < kBytes; at += 8) {
    uint64_t word;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    absorb(word);
  }
  absorb(uint64_t{kBytes & 0xff} << 56);
  v2 ^= 0xff;
  rounds(4);
  return v0 ^ v1 ^ v2 ^ v3;
}

}  // namespace ecmpd::hash
