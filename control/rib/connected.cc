#include "control/rib/connected.h"

#include <algorithm>

namespace ecmpd::control {

std::string_view to_string(NexthopVerdict verdict) {
  switch (verdict) {
    case NexthopVerdict::kUsable:
      return "usable";
    case NexthopVerdict::kInvalid:
      return "not a host address";
    case NexthopVerdict::kOurAddress:
      return "our own address";
    case NexthopVerdict::kUnreachable:
      return "in no connected subnet";
  }
  return "?";
}

void Connected::set(std::span<const InterfaceAddress> addresses) {
  addresses_.assign(addresses.begin(), addresses.end());
  subnets_.clear();
  for (const InterfaceAddress& address : addresses_) {
    // Every link has this one: nothing is routed to it.
    if (!address.address.is_link_local()) subnets_.push_back(address.subnet());
  }
  std::sort(subnets_.begin(), subnets_.end());
  subnets_.erase(std::unique(subnets_.begin(), subnets_.end()), subnets_.end());
}

namespace {
bool is_host_address(const IpAddress& address) {
  if (address.is_v4()) {
    const uint32_t value = address.v4_value();
    return value >> 24 != 0 && value >> 24 != 127 && value < 0xe0000000;
  }
  const uint8_t* bytes = address.bytes();
  const bool zero_but_last = std::all_of(bytes, bytes + 15, [](uint8_t byte) { return byte == 0; });
  return bytes[0] != 0xff && !(zero_but_last && bytes[15] <= 1);
}

// The all-zeros and all-ones hosts of an IPv4 subnet (RFC 1122 section 3.2.1.3); /31 and /32 have none (RFC 3021).
bool is_subnet_reserved(const Prefix& subnet, const IpAddress& address) {
  if (!address.is_v4() || subnet.length() >= 31) return false;
  const uint32_t host_mask = subnet.length() == 0 ? UINT32_MAX : (1u << (32 - subnet.length())) - 1;
  const uint32_t host = address.v4_value() & host_mask;
  return host == 0 || host == host_mask;
}
}  // namespace

NexthopVerdict Connected::check(const IpAddress& nexthop) const {
  if (!is_host_address(nexthop)) return NexthopVerdict::kInvalid;
  if (nexthop.is_link_local()) {
    return nexthop.zone() != 0 ? NexthopVerdict::kUsable : NexthopVerdict::kUnreachable;
  }
  bool reachable = false;
  for (const InterfaceAddress& own : addresses_) {
    if (own.address == nexthop) return NexthopVerdict::kOurAddress;
    const Prefix subnet = own.subnet();
    if (!subnet.contains(nexthop)) continue;
    if (is_subnet_reserved(subnet, nexthop)) return NexthopVerdict::kInvalid;
    reachable = true;
  }
  return reachable ? NexthopVerdict::kUsable : NexthopVerdict::kUnreachable;
}

}  // namespace ecmpd::control
