#include "dataplane/port_addresses.h"

#include <algorithm>
#include <cstring>

namespace ecmpd::dataplane {

namespace {

bool in_subnet(const PortAddresses::V4& own, uint32_t peer) { return ((own.address ^ peer) & own.mask) == 0; }

bool in_subnet(const PortAddresses::V6& own, const uint8_t* peer) {
  const unsigned bytes = own.prefix_length / 8;
  const unsigned rest = own.prefix_length % 8;
  if (std::memcmp(own.address.data(), peer, bytes) != 0) return false;
  return rest == 0 || ((own.address[bytes] ^ peer[bytes]) >> (8 - rest)) == 0;
}

/// Of the port's own list the address in the peer's subnet, or the first; else the first of any port.
template <typename Own, typename Peer>
const Own* choose(const std::vector<PortAddresses::OfPort>& ports, std::vector<Own> PortAddresses::OfPort::*family,
                  PortIndex port, Peer peer) {
  const std::vector<Own>& list = ports[raw(port)].*family;
  for (const Own& own : list) {
    if (in_subnet(own, peer)) return &own;
  }
  if (!list.empty()) return &list.front();
  for (const PortAddresses::OfPort& other : ports) {
    if (!(other.*family).empty()) return &(other.*family).front();
  }
  return nullptr;
}

template <typename Own, typename Same>
bool any_port_has(const std::vector<PortAddresses::OfPort>& ports, std::vector<Own> PortAddresses::OfPort::*family,
                  Same same) {
  return std::any_of(ports.begin(), ports.end(), [&](const PortAddresses::OfPort& port) {
    return std::any_of((port.*family).begin(), (port.*family).end(), same);
  });
}

}  // namespace

std::optional<uint32_t> PortAddresses::source4(PortIndex port, uint32_t peer) const {
  if (raw(port) >= ports.size()) return std::nullopt;
  const V4* own = choose(ports, &OfPort::v4, port, peer);
  return own == nullptr ? std::nullopt : std::optional(own->address);
}

const uint8_t* PortAddresses::source6(PortIndex port, const uint8_t* peer) const {
  if (raw(port) >= ports.size()) return nullptr;
  const V6* own = choose(ports, &OfPort::v6, port, peer);
  return own == nullptr ? nullptr : own->address.data();
}

bool PortAddresses::is_own4(uint32_t address) const {
  return any_port_has(ports, &OfPort::v4, [address](const V4& own) { return own.address == address; });
}

bool PortAddresses::is_own6(const uint8_t* address) const {
  return any_port_has(ports, &OfPort::v6, [address](const V6& own) {
    return std::memcmp(own.address.data(), address, own.address.size()) == 0;
  });
}

}  // namespace ecmpd::dataplane
