#include "dataplane/port_addresses.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace ecmpd::dataplane {

namespace {

bool in_subnet(const PortAddresses::V4& own, uint32_t peer) { return ((own.address ^ peer) & own.mask) == 0; }

bool in_subnet(const PortAddresses::V6& own, const uint8_t* peer) {
  const unsigned bytes = own.prefix_length / 8;
  const unsigned rest = own.prefix_length % 8;
  if (std::memcmp(own.address.data(), peer, bytes) != 0) return false;
  return rest == 0 || ((own.address[bytes] ^ peer[bytes]) >> (8 - rest)) == 0;
}

/// Of the port's own list the address in the peer's subnet, or the first; else what other ports lend.
template <typename Own, typename Peer>
const Own* choose(const std::vector<Own>& list, const std::vector<Own>& lent, Peer peer) {
  for (const Own& own : list) {
    if (in_subnet(own, peer)) return &own;
  }
  if (!list.empty()) return &list.front();
  return lent.empty() ? nullptr : &lent.front();
}

template <typename Own, typename Address>
void collect(const std::vector<Own>& list, std::vector<Own>& first, std::vector<Address>& all) {
  if (first.empty() && !list.empty()) first.push_back(list.front());
  for (const Own& own : list) all.push_back(own.address);
}

}  // namespace

PortAddresses::PortAddresses(std::vector<OfPort> ports) : ports_(std::move(ports)) {
  for (const OfPort& port : ports_) {
    collect(port.v4, first_.v4, own4_);
    collect(port.v6, first_.v6, own6_);
  }
  std::sort(own4_.begin(), own4_.end());
  std::sort(own6_.begin(), own6_.end());
}

std::optional<uint32_t> PortAddresses::source4(PortIndex port, uint32_t peer) const {
  if (raw(port) >= ports_.size()) return std::nullopt;
  const V4* own = choose(ports_[raw(port)].v4, first_.v4, peer);
  return own == nullptr ? std::nullopt : std::optional(own->address);
}

const uint8_t* PortAddresses::source6(PortIndex port, const uint8_t* peer) const {
  if (raw(port) >= ports_.size()) return nullptr;
  const V6* own = choose(ports_[raw(port)].v6, first_.v6, peer);
  return own == nullptr ? nullptr : own->address.data();
}

bool PortAddresses::is_own4(uint32_t address) const { return std::binary_search(own4_.begin(), own4_.end(), address); }

bool PortAddresses::is_own6(const uint8_t* address) const {
  std::array<uint8_t, 16> wanted;
  std::memcpy(wanted.data(), address, wanted.size());
  return std::binary_search(own6_.begin(), own6_.end(), wanted);
}

}  // namespace ecmpd::dataplane
