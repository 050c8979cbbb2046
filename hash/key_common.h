// The keys of common packets, inline, one at a time: the rule for whole bursts of them too (dataplane/select.cc).
//
// Common is TCP or UDP, whole, its ports right behind a header without options or extension headers. There the fields
// of a key lie side by side, and a key is one load and one mask. For common packets the result is that of
// key4_from_packet or key6_from_packet (key.h), and with `inner` that of key_from_packet. Worker and tests.
#pragma once

#include <cstring>
#include <tuple>

#include "hash/key.h"
#include "hash/tunnel.h"

namespace ecmpd::hash {

namespace detail {

/// Bytewise AND, eight bytes at a time.
template <typename Key>
inline Key masked(const Key& key, const Key& mask) {
  constexpr size_t kWords = sizeof key.bytes / 8;
  static_assert(sizeof key.bytes == 8 * kWords);
  uint64_t a[kWords], b[kWords];
  std::memcpy(a, key.bytes.data(), sizeof a);
  std::memcpy(b, mask.bytes.data(), sizeof b);
  for (size_t i = 0; i < kWords; ++i) a[i] &= b[i];
  Key out;
  std::memcpy(out.bytes.data(), a, sizeof a);
  return out;
}

inline uint64_t number64(const uint8_t* bytes) {
  uint64_t value;
  std::memcpy(&value, bytes, sizeof value);
  return __builtin_bswap64(value);
}
inline uint32_t number32(const uint8_t* bytes) {
  uint32_t value;
  std::memcpy(&value, bytes, sizeof value);
  return __builtin_bswap32(value);
}

/// The last 2 * kAddress + 4 bytes of a key are source, destination, source port, destination port.
template <size_t kAddress, typename Key>
inline Key sort_endpoints(const Key& key) {
  constexpr size_t kSrc = sizeof key.bytes - 4 - 2 * kAddress;
  constexpr size_t kDst = kSrc + kAddress;
  constexpr size_t kSport = kDst + kAddress;
  const uint8_t* bytes = key.bytes.data();
  const uint32_t ports = number32(bytes + kSport);
  const uint64_t sport = ports >> 16, dport = ports & 0xffff;
  bool in_order;
  if constexpr (kAddress == 4) {
    in_order = (uint64_t{number32(bytes + kSrc)} << 16 | sport) <= (uint64_t{number32(bytes + kDst)} << 16 | dport);
  } else {
    in_order = std::tuple(number64(bytes + kSrc), number64(bytes + kSrc + 8), sport) <=
               std::tuple(number64(bytes + kDst), number64(bytes + kDst + 8), dport);
  }
  if (in_order) return key;
  Key out = key;
  std::memcpy(&out.bytes[kSrc], bytes + kDst, kAddress);
  std::memcpy(&out.bytes[kDst], bytes + kSrc, kAddress);
  std::memcpy(&out.bytes[kSport], bytes + kSport + 2, 2);
  std::memcpy(&out.bytes[kSport + 2], bytes + kSport, 2);
  return out;
}

template <typename Key>
constexpr Key whole_key() {
  Key out;
  out.bytes.fill(0xff);
  return out;
}

}  // namespace detail

/// The mask that leaves all of a key.
template <typename Key>
inline constexpr Key kWholeKey = detail::whole_key<Key>();

/// The key with everything that does not count set to zero.
inline Key4 masked(const Key4& key, const Key4& mask) { return detail::masked(key, mask); }
inline Key6 masked(const Key6& key, const Key6& mask) { return detail::masked(key, mask); }

/// The key with its two endpoints in order: the lower address, then the lower port, first.
inline Key4 sort_endpoints(const Key4& key) { return detail::sort_endpoints<4>(key); }
inline Key6 sort_endpoints(const Key6& key) { return detail::sort_endpoints<16>(key); }

/// `size` as of the span that key4_from_packet takes, at least 20; `inner` is fields.inner, with which a packet that
/// may be a tunnel's is not common.
inline bool is_common4(const uint8_t* ipv4_header, size_t size, bool inner = false) {
  const bool whole = ((ipv4_header[6] & 0x3f) | ipv4_header[7]) == 0;  // neither MF nor an offset; DF may be set
  const unsigned total_length = unsigned{ipv4_header[2]} << 8 | ipv4_header[3];
  return ipv4_header[0] == 0x45 && whole && (ipv4_header[9] == 6 || ipv4_header[9] == 17) && size >= 24 &&
         total_length >= 24 && !(inner && is_vxlan_port(ipv4_header + 22));
}

/// `size` as of the span that key6_from_packet takes, at least 40. The version is not looked at.
inline bool is_common6(const uint8_t* ipv6_header, size_t size, bool inner = false) {
  const unsigned payload_length = unsigned{ipv6_header[4]} << 8 | ipv6_header[5];
  return (ipv6_header[6] == 6 || ipv6_header[6] == 17) && size >= 44 && payload_length >= 4 &&
         !(inner && is_vxlan_port(ipv6_header + 42));
}

/// Key of a packet for which is_common4 holds. `mask` is mask4(fields, true), `symmetric` is fields.symmetric.
inline Key4 key4_common(const uint8_t* ipv4_header, const Key4& mask, bool symmetric = false) {
  Key4 key;
  std::memcpy(key.bytes.data(), ipv4_header + Key4::kHeaderOffset, sizeof key.bytes);
  if (symmetric) key = sort_endpoints(key);
  return masked(key, mask);
}

/// Key of a packet for which is_common6 holds. `mask` is mask6(fields, true).
inline Key6 key6_common(const uint8_t* ipv6_header, const Key6& mask, const KeyFields& fields) {
  Key6 key;
  std::memcpy(key.bytes.data(), ipv6_header + Key6::kHeaderOffset, sizeof key.bytes);
  if (fields.flow_label) {
    key.bytes[0] = ipv6_header[2];
    key.bytes[1] = ipv6_header[3];
    key.bytes[3] = ipv6_header[1];
  }
  if (fields.symmetric) key = sort_endpoints(key);
  return masked(key, mask);
}

}  // namespace ecmpd::hash
