// A member of a nexthop group, as selectors see it. A value; any thread.
#pragma once

#include <compare>
#include <cstdint>

#include "hash/address.h"

namespace ecmpd::hash {

/// A member is identified by its nexthop address; shares are in proportion to weights (1..65535).
struct Member {
  IpAddress address;
  uint16_t weight = 1;
  auto operator<=>(const Member&) const = default;
};

}  // namespace ecmpd::hash
