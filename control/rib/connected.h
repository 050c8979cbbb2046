// Connected subnets and our own addresses: what a NEXT_HOP is checked against.
//
// Control thread; changes only with the configuration.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "control/config/config.h"
#include "hash/address.h"

namespace ecmpd::control {

/// What RFC 4271 sections 5.1.3 and 6.3 have to say about a nexthop. It is usable when it lies in a subnet of one of
/// our ports, or is a link-local address whose zone names its port. Another is unreachable unless a route leads there
/// (recursive_nexthops.h).
enum class NexthopVerdict : uint8_t {
  kUsable,
  kInvalid,      // unspecified, loopback, multicast, broadcast, or the subnet's own network or broadcast address
  kOurAddress,   // we would forward to ourselves
  kUnreachable,  // in none of our subnets
};
std::string_view to_string(NexthopVerdict verdict);

class Connected {
 public:
  void set(std::span<const InterfaceAddress> addresses);

  NexthopVerdict check(const IpAddress& nexthop) const;
  /// Distinct, sorted; without that of link-local addresses.
  const std::vector<Prefix>& subnets() const { return subnets_; }

 private:
  std::vector<InterfaceAddress> addresses_;
  std::vector<Prefix> subnets_;
};

}  // namespace ecmpd::control
