#include "hash/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cassert>
#include <charconv>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace ecmpd::hash {

IpAddress IpAddress::v6(const uint8_t* bytes) {
  IpAddress out;
  out.family_ = Family::kIpv6;
  std::copy_n(bytes, 16, out.bytes_.begin());
  return out;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  char buffer[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof buffer) return std::nullopt;
  std::copy(text.begin(), text.end(), buffer);
  buffer[text.size()] = '\0';
  IpAddress out;
  if (inet_pton(AF_INET, buffer, out.bytes_.data()) == 1) return out;
  if (inet_pton(AF_INET6, buffer, out.bytes_.data()) == 1) {
    out.family_ = Family::kIpv6;
    return out;
  }
  return std::nullopt;
}

std::optional<IpAddress> IpAddress::parse_with_zone(std::string_view text) {
  const size_t percent = text.find('%');
  auto out = parse(text.substr(0, percent));
  if (!out || percent == std::string_view::npos) return out;
  const std::string_view digits = text.substr(percent + 1);
  uint16_t zone = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), zone);
  if (error != std::errc() || end != digits.data() + digits.size() || zone == 0) return std::nullopt;
  if (!out->is_link_local() || out->zone() != 0) return std::nullopt;
  return out->with_zone(zone);
}

IpAddress IpAddress::with_zone(uint16_t zone) const {
  assert(is_link_local());
  IpAddress out = *this;
  out.bytes_[2] = static_cast<uint8_t>(zone >> 8);
  out.bytes_[3] = static_cast<uint8_t>(zone);
  return out;
}

uint32_t IpAddress::v4_value() const {
  assert(is_v4());
  uint32_t wire;
  std::memcpy(&wire, bytes_.data(), sizeof wire);
  return ntohl(wire);
}

std::string IpAddress::to_string() const {
  if (zone() != 0) return without_zone().to_string() + "%" + std::to_string(zone());
  char buffer[INET6_ADDRSTRLEN];
  inet_ntop(is_v4() ? AF_INET : AF_INET6, bytes_.data(), buffer, sizeof buffer);
  return buffer;
}

std::optional<Prefix> Prefix::parse(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = IpAddress::parse(text.substr(0, slash));
  const std::string_view digits = text.substr(slash + 1);
  unsigned length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (!address || digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (length > address->bits()) return std::nullopt;
  if (address->zone() != 0) return std::nullopt;  // no prefix has one, and RFC 4291 section 2.5.6 has zeros there
  return Prefix(*address, static_cast<uint8_t>(length));
}

bool Prefix::contains(const IpAddress& address) const {
  return address.family() == family() && address.first_bits(length_) == address_;
}

bool Prefix::contains(const Prefix& other) const { return other.length_ >= length_ && contains(other.address_); }

std::string Prefix::to_string() const { return address_.to_string() + "/" + std::to_string(length_); }

}  // namespace ecmpd::hash

size_t std::hash<ecmpd::hash::IpAddress>::operator()(const ecmpd::hash::IpAddress& address) const noexcept {
  return XXH3_64bits(address.bytes(), address.size());
}
