// IP addresses and prefixes: the value types that every layer shares.
//
// An IpAddress is IPv4 or IPv6, kept in network byte order. Addresses order by family, then by bytes, so that a set
// of nexthops sorts the same way on every machine. Values only: no thread, no allocation except in to_string().
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
  static IpAddress v4(uint32_t host_order);
  /// From 16 bytes in network byte order.
  static IpAddress v6(const uint8_t* bytes);
  /// Dotted quad or RFC 4291 text; nothing else (no prefix length, no zone, no spaces).
  static std::optional<IpAddress> parse(std::string_view text);

  Family family() const { return family_; }
  bool is_v4() const { return family_ == Family::kIpv4; }
  /// Host byte order; only for IPv4.
  uint32_t v4_value() const;
  /// Network byte order, 4 or 16 bytes.
  const uint8_t* bytes() const { return bytes_.data(); }
  uint8_t size() const { return is_v4() ? 4 : 16; }
  uint8_t bits() const { return is_v4() ? 32 : 128; }
  /// RFC 5952 text for IPv6.
  std::string to_string() const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  Family family_ = Family::kIpv4;
  std::array<uint8_t, 16> bytes_{};  // unused bytes are zero, so that comparison is bytewise
};

class Prefix {
 public:
  /// 0.0.0.0/0
  constexpr Prefix() = default;
  /// Host bits are cleared. `length` above the family's width is clamped to it.
  Prefix(IpAddress address, uint8_t length);
  /// "10.0.0.0/8". Host bits set are accepted and cleared; a missing or excessive length is not.
  static std::optional<Prefix> parse(std::string_view text);

  const IpAddress& address() const { return address_; }
  uint8_t length() const { return length_; }
  Family family() const { return address_.family(); }
  bool contains(const IpAddress& address) const;
  bool contains(const Prefix& other) const;
  std::string to_string() const;

  auto operator<=>(const Prefix&) const = default;

 private:
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
  size_t operator()(const ecmpd::hash::Prefix& prefix) const noexcept;
};
