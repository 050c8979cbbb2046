// IP addresses and prefixes: the value types that every layer shares.
//
// An IpAddress is IPv4 or IPv6, kept in network byte order. Addresses order by family, then by bytes, so that a set
// of nexthops sorts the same way on every machine. A link-local address may carry the link that it belongs to (its
// zone). Values only: no thread, no allocation except in to_string().
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ecmpd::hash {

enum class Family : uint8_t { kIpv4 = 4, kIpv6 = 6 };

class IpAddress {
 public:
  /// 0.0.0.0
  constexpr IpAddress() = default;
  /// From a number in host byte order: 0x0a000001 is 10.0.0.1.
  static IpAddress v4(uint32_t host_order) {
    IpAddress out;
    const uint32_t wire = __builtin_bswap32(host_order);
    std::memcpy(out.bytes_.data(), &wire, sizeof wire);
    return out;
  }
  /// From 16 bytes in network byte order.
  static IpAddress v6(const uint8_t* bytes);
  /// Dotted quad or RFC 4291 text; nothing else (no prefix length, no zone, no spaces).
  static std::optional<IpAddress> parse(std::string_view text);
  /// The same, and what to_string() writes for an address with a zone: "fe80::b%2".
  static std::optional<IpAddress> parse_with_zone(std::string_view text);

  Family family() const { return family_; }
  bool is_v4() const { return family_ == Family::kIpv4; }
  /// Host byte order; only for IPv4.
  uint32_t v4_value() const;
  /// Network byte order, 4 or 16 bytes.
  const uint8_t* bytes() const { return bytes_.data(); }
  uint8_t size() const { return is_v4() ? 4 : 16; }
  uint8_t bits() const { return is_v4() ? 32 : 128; }
  /// RFC 5952 text for IPv6, with "%zone" if there is one (RFC 4007 section 11).
  std::string to_string() const;

  /// fe80::/10: means something on one link only (RFC 4291 section 2.5.6).
  bool is_link_local() const { return !is_v4() && bytes_[0] == 0xfe && (bytes_[1] & 0xc0) == 0x80; }
  /// A link-local address on link `zone`, from 1 (RFC 4007 section 6): differs from the same one on another link.
  /// The zone lies in bytes 2 and 3, which are 0 in the address itself: bytes() of such an address are not for a wire.
  IpAddress with_zone(uint16_t zone) const;
  /// 0: none.
  uint16_t zone() const { return is_link_local() ? static_cast<uint16_t>(bytes_[2] << 8 | bytes_[3]) : uint16_t{0}; }
  IpAddress without_zone() const { return is_link_local() ? with_zone(0) : *this; }
  /// The first `length` bits, the others zero. Inline, as every prefix from a wire goes through it.
  IpAddress first_bits(unsigned length) const {
    IpAddress out = *this;
    uint64_t words[2];
    std::memcpy(words, bytes_.data(), sizeof words);
    words[0] &= wire_mask(length);
    words[1] &= wire_mask(length > 64 ? length - 64 : 0);
    std::memcpy(out.bytes_.data(), words, sizeof words);
    return out;
  }

  auto operator<=>(const IpAddress&) const = default;

 private:
  static uint64_t wire_mask(unsigned length) {
    if (length == 0) return 0;
    return __builtin_bswap64(UINT64_MAX << (length < 64 ? 64 - length : 0));
  }

  Family family_ = Family::kIpv4;
  std::array<uint8_t, 16> bytes_{};  // unused bytes are zero, so that comparison is bytewise
};

class Prefix {
 public:
  /// 0.0.0.0/0
  constexpr Prefix() = default;
  /// Host bits are cleared. `length` above the family's width is clamped to it.
  Prefix(const IpAddress& address, uint8_t length)
      : address_(address.first_bits(length)), length_(length < address.bits() ? length : address.bits()) {}
  /// "10.0.0.0/8". Host bits set are accepted and cleared; a missing or excessive length is not.
  static std::optional<Prefix> parse(std::string_view text);

  const IpAddress& address() const { return address_; }
  uint8_t length() const { return length_; }
  Family family() const { return address_.family(); }
  bool contains(const IpAddress& address) const;
  bool contains(const Prefix& other) const;
  std::string to_string() const;

  auto operator<=>(const Prefix&) const = default;
  /// Inline, and by words: routing tables compare and hash prefixes at every step.
  bool operator==(const Prefix& other) const { return words() == other.words(); }
  /// Well mixed in its upper and its lower bits. No factor can become 0.
  uint64_t hash() const {
    const Words words = this->words();
    return mix(mix(words.low ^ 0x9e3779b97f4a7c15, 0xd6e8feb86659fd93 ^ words.end) ^ words.high, 0xa0761d6478bd642f);
  }

 private:
  struct Words {
    uint64_t low, high;
    uint16_t end;
    bool operator==(const Words&) const = default;
  };
  /// Both halves of the product.
  static uint64_t mix(uint64_t a, uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }
  Words words() const {
    static_assert(sizeof(Prefix) == 18);  // without padding
    const auto* bytes = reinterpret_cast<const unsigned char*>(this);
    Words words;
    std::memcpy(&words.low, bytes, 8);
    std::memcpy(&words.high, bytes + 8, 8);
    std::memcpy(&words.end, bytes + 16, 2);
    return words;
  }

  IpAddress address_;
  uint8_t length_ = 0;
};

}  // namespace ecmpd::hash

template <>
struct std::hash<ecmpd::hash::IpAddress> {
  size_t operator()(const ecmpd::hash::IpAddress& address) const noexcept;
};
template <>
struct std::hash<ecmpd::hash::Prefix> {
  size_t operator()(const ecmpd::hash::Prefix& prefix) const noexcept { return prefix.hash(); }
};
