// An IPv6 address as the IPv6 FIB's writer needs it: two words, masks, single bytes. Control thread only.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace ecmpd::dataplane {

/// Host byte order: 2001:db8::1 is {0x20010db800000000, 1}.
struct Address6 {
  uint64_t high = 0;
  uint64_t low = 0;

  /// From 16 bytes in network byte order.
  static Address6 from(const uint8_t* bytes) {
    uint64_t words[2];
    std::memcpy(words, bytes, sizeof words);
    return {__builtin_bswap64(words[0]), __builtin_bswap64(words[1])};
  }
  void to(uint8_t* bytes) const {
    const uint64_t words[2] = {__builtin_bswap64(high), __builtin_bswap64(low)};
    std::memcpy(bytes, words, sizeof words);
  }
  /// Byte 0 is the first in network byte order.
  uint8_t byte(unsigned i) const { return static_cast<uint8_t>((i < 8 ? high : low) >> (56 - 8 * (i % 8))); }
  bool operator==(const Address6&) const = default;
};

/// The first `length` bits, the others zero.
inline Address6 masked(const Address6& address, unsigned length) {
  if (length == 0) return {};
  if (length <= 64) return {address.high & (UINT64_MAX << (64 - length)), 0};
  return {address.high, address.low & (UINT64_MAX << (128 - length))};
}

/// The first `length` bits as a number, or its lower bits; not for length 0.
inline uint64_t network_number(const Address6& address, unsigned length) {
  return length <= 64 ? address.high >> (64 - length) : address.low >> (128 - length);
}

/// How many whole bytes at the front are equal, 0 to 16.
inline unsigned common_bytes(const Address6& a, const Address6& b) {
  if (a.high != b.high) return static_cast<unsigned>(std::countl_zero(a.high ^ b.high)) / 8;
  return 8 + static_cast<unsigned>(std::countl_zero(a.low ^ b.low)) / 8;  // countl_zero(0) is 64
}

/// A hash whose upper bits are the good ones.
inline uint64_t spread(const Address6& address) {
  const uint64_t mixed = (address.high ^ std::rotl(address.low, 29)) * 0x9e3779b97f4a7c15;
  return (mixed ^ mixed >> 32 ^ address.low) * 0xd6e8feb86659fd93;
}

}  // namespace ecmpd::dataplane
