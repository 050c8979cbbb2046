// Communities of three kinds: standard (RFC 1997), extended (RFC 4360) and large (RFC 8092), with the meanings that we
// act on. Values and pure functions.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace ecmpd::control::bgp {

/// AS << 16 | value.
using Community = uint32_t;
/// Eight octets as a number, the type octet highest.
using ExtendedCommunity = uint64_t;

struct LargeCommunity {
  uint32_t administrator = 0;  // an AS
  uint32_t data1 = 0;
  uint32_t data2 = 0;
  auto operator<=>(const LargeCommunity&) const = default;
};

inline constexpr Community kGracefulShutdown = 0xffff0000;  // RFC 8326
inline constexpr Community kNoExport = 0xffffff01, kNoAdvertise = 0xffffff02, kNoExportSubconfed = 0xffffff03;

bool has_community(std::span<const Community> communities, Community community);

/// The link bandwidth that a path carries (draft-ietf-idr-link-bandwidth), transitive or not, in bytes per second, for
/// shares in proportion. Nullopt without one, or if it is not a positive finite number. Of several the first counts.
std::optional<float> link_bandwidth(std::span<const ExtendedCommunity> communities);

/// "64512:100"
std::string to_string(Community community);
/// "64512:1:2"
std::string to_string(const LargeCommunity& community);

}  // namespace ecmpd::control::bgp
