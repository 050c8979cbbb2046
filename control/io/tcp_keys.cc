#include "control/io/tcp_keys.h"

#include <algorithm>

namespace ecmpd::control {
namespace {

using hash::IpAddress;
using hash::Prefix;

// The upper half of a prefix that is not a single address.
Prefix upper_half(const Prefix& prefix) {
  uint8_t bytes[16] = {};
  const IpAddress& address = prefix.address();
  std::copy_n(address.bytes(), address.size(), bytes);
  bytes[prefix.length() / 8] |= static_cast<uint8_t>(0x80 >> prefix.length() % 8);
  const auto length = static_cast<uint8_t>(prefix.length() + 1);
  if (!address.is_v4()) return {IpAddress::v6(bytes), length};
  return {IpAddress::v4(uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3]),
          length};
}

// Covers `prefix` without the holes.
void cover(const Prefix& prefix, std::span<const Prefix> holes, const std::string& password, std::vector<TcpKey>& out) {
  const bool none = std::none_of(holes.begin(), holes.end(), [&](const Prefix& hole) { return prefix.contains(hole); });
  if (none) {
    out.push_back({prefix, password});
    return;
  }
  if (std::find(holes.begin(), holes.end(), prefix) != holes.end()) return;
  cover({prefix.address(), static_cast<uint8_t>(prefix.length() + 1)}, holes, password, out);
  cover(upper_half(prefix), holes, password, out);
}

}  // namespace

std::vector<TcpKey> kernel_keys(std::span<const TcpKey> wanted, hash::Family family) {
  std::vector<Prefix> open;
  for (const TcpKey& key : wanted) {
    if (key.password.empty() && key.peers.family() == family) open.push_back(key.peers);
  }
  std::vector<TcpKey> out;
  for (const TcpKey& key : wanted) {
    if (key.password.empty() || key.peers.family() != family) continue;
    std::vector<Prefix> holes;
    for (const Prefix& hole : open) {
      if (key.peers.contains(hole)) holes.push_back(hole);
    }
    cover(key.peers, holes, key.password, out);
  }
  return out;
}

}  // namespace ecmpd::control
