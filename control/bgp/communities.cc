#include "control/bgp/communities.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace ecmpd::control::bgp {

bool has_community(std::span<const Community> communities, Community community) {
  return std::find(communities.begin(), communities.end(), community) != communities.end();
}

std::optional<float> link_bandwidth(std::span<const ExtendedCommunity> communities) {
  for (const ExtendedCommunity community : communities) {
    const auto type = static_cast<uint16_t>(community >> 48);  // two octets of AS, then an IEEE 754 single
    if (type != 0x4004 && type != 0x0004) continue;
    const auto bandwidth = std::bit_cast<float>(static_cast<uint32_t>(community));
    if (!std::isfinite(bandwidth) || bandwidth <= 0) return std::nullopt;
    return bandwidth;
  }
  return std::nullopt;
}

std::string to_string(Community community) { return fmt::format("{}:{}", community >> 16, community & 0xffff); }

std::string to_string(const LargeCommunity& community) {
  return fmt::format("{}:{}:{}", community.administrator, community.data1, community.data2);
}

}  // namespace ecmpd::control::bgp
