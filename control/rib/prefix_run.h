// PrefixRun: a prefix as the 8 neighbors that differ in their last three network bits, and its place among them.
//
// For tables in which neighbors lie side by side. Pure.
#pragma once

#include <cstdint>
#include <cstring>

#include "hash/address.h"

namespace ecmpd::control {

struct PrefixRun {
  static constexpr unsigned kBits = 3;
  static constexpr uint64_t kLength = 1u << kBits;

  explicit PrefixRun(const hash::Prefix& prefix) {
    uint64_t words[2];  // of IPv4 the upper half of the first
    std::memcpy(words, prefix.address().bytes(), sizeof words);
    const unsigned length = prefix.length();
    if (length >= kBits) {
      uint64_t& last = words[length > 64];
      last = __builtin_bswap64(last);
      const unsigned shift = (length > 64 ? 128 : 64) - length;
      place = last >> shift & kPlaces;
      last &= ~(kPlaces << shift);
    }
    const uint64_t kind = uint64_t{length} << 8 | static_cast<uint8_t>(prefix.family());
    hash = mix(mix(words[1] ^ 0x9e3779b97f4a7c15, 0xd6e8feb86659fd93 ^ kind) ^ words[0], 0xa0761d6478bd642f);
  }

  uint64_t hash = 0;   // of the run, well mixed
  uint64_t place = 0;  // 0 to 7

 private:
  static constexpr uint64_t kPlaces = kLength - 1;
  /// Both halves of the product.
  static uint64_t mix(uint64_t a, uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }
};

}  // namespace ecmpd::control
