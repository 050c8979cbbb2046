// Longest prefix match by looking at every length, on an ordered map: what the FIB's answers are compared with.
// Shares no code and no idea with the FIB.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "dataplane/ids.h"
#include "hash/address.h"

namespace ecmpd::dataplane {

inline hash::Prefix v4_prefix(uint32_t address, unsigned length) {
  return hash::Prefix(hash::IpAddress::v4(address), static_cast<uint8_t>(length));
}

class Fib4Oracle {
 public:
  using Routes = std::map<hash::Prefix, GroupId>;

  void set(const hash::Prefix& prefix, GroupId group) { routes_[prefix] = group; }
  bool remove(const hash::Prefix& prefix) { return routes_.erase(prefix) == 1; }
  const Routes& routes() const { return routes_; }

  GroupId lookup(uint32_t address) const {
    for (unsigned length = 33; length-- > 0;) {
      const auto found = routes_.find(v4_prefix(address, length));
      if (found != routes_.end()) return found->second;
    }
    return kNoRoute;
  }

 private:
  Routes routes_;
};

/// The addresses where answers can change: the ends of a prefix, one step inside and one outside.
inline void add_edges(const hash::Prefix& prefix, std::vector<uint32_t>& out) {
  const uint32_t first = prefix.address().v4_value();
  const uint32_t last = first + static_cast<uint32_t>((uint64_t{1} << (32 - prefix.length())) - 1);
  out.insert(out.end(), {first - 1, first, first + 1, last - 1, last, last + 1});
}

}  // namespace ecmpd::dataplane
