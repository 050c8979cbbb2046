// Strong types for the indexes that the forwarding state is made of. Any thread.
#pragma once

#include <cstdint>
#include <type_traits>

namespace ecmpd::dataplane {

/// Index of a nexthop group, and the result of a FIB lookup; 31 bits. kNoRoute is also "no group".
enum class GroupId : uint32_t {};
inline constexpr GroupId kNoRoute{0};

/// Index into the adjacency array. Fits the 16 bits of a bucket.
enum class AdjacencyId : uint16_t {};

/// Index of a port in the daemon's configuration, which is also its place in every per-port array.
enum class PortIndex : uint16_t {};

template <typename Id>
constexpr auto raw(Id id) {
  return static_cast<std::underlying_type_t<Id>>(id);
}

}  // namespace ecmpd::dataplane
