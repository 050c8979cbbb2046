// Longest prefix match by looking at every length, on an ordered map: what the FIBs' answers are compared with.
// Shares no code and no idea with them.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "dataplane/ids.h"
#include "hash/address.h"

namespace ecmpd::dataplane {

class FibOracle {
 public:
  using Routes = std::map<hash::Prefix, GroupId>;

  void set(const hash::Prefix& prefix, GroupId group) { routes_[prefix] = group; }
  bool remove(const hash::Prefix& prefix) { return routes_.erase(prefix) == 1; }
  const Routes& routes() const { return routes_; }

  GroupId lookup(const hash::IpAddress& address) const {
    for (unsigned length = address.bits() + 1u; length-- > 0;) {
      const auto found = routes_.find(hash::Prefix(address, static_cast<uint8_t>(length)));
      if (found != routes_.end()) return found->second;
    }
    return kNoRoute;
  }
  GroupId lookup(uint32_t v4_address) const { return lookup(hash::IpAddress::v4(v4_address)); }

 private:
  Routes routes_;
};

inline hash::Prefix v4_prefix(uint32_t address, unsigned length) {
  return hash::Prefix(hash::IpAddress::v4(address), static_cast<uint8_t>(length));
}

/// The next address, or with `step` -1 the one before; the last is followed by the first.
inline hash::IpAddress neighbor(const hash::IpAddress& address, int step) {
  uint8_t bytes[16] = {};
  int carry = step;
  for (int i = address.size(); i-- > 0;) {
    const int sum = address.bytes()[i] + carry;
    bytes[i] = static_cast<uint8_t>(sum);
    carry = sum < 0 ? -1 : sum > 255 ? 1 : 0;
  }
  if (!address.is_v4()) return hash::IpAddress::v6(bytes);
  return hash::IpAddress::v4(uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3]);
}

/// The first address after the prefix, less one.
inline hash::IpAddress last_address(const hash::Prefix& prefix) {
  uint8_t bytes[16] = {};
  for (unsigned i = 0; i < prefix.address().size(); ++i) {
    const unsigned kept = prefix.length() <= 8 * i ? 0 : prefix.length() >= 8 * i + 8 ? 8 : prefix.length() - 8 * i;
    bytes[i] = static_cast<uint8_t>(prefix.address().bytes()[i] | (0xffu >> kept));
  }
  if (!prefix.address().is_v4()) return hash::IpAddress::v6(bytes);
  return hash::IpAddress::v4(uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3]);
}

/// The addresses where answers can change: the ends of a prefix, one step inside and one outside.
inline void add_edges(const hash::Prefix& prefix, std::vector<hash::IpAddress>& out) {
  const hash::IpAddress first = prefix.address();
  const hash::IpAddress last = last_address(prefix);
  out.insert(out.end(), {neighbor(first, -1), first, neighbor(first, 1), neighbor(last, -1), last, neighbor(last, 1)});
}
inline void add_edges(const hash::Prefix& prefix, std::vector<uint32_t>& out) {
  std::vector<hash::IpAddress> edges;
  add_edges(prefix, edges);
  for (const hash::IpAddress& edge : edges) out.push_back(edge.v4_value());
}

}  // namespace ecmpd::dataplane
