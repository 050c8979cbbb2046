// Where would this flow go? Answered by the functions that the worker itself calls, on the state that it reads.
//
// Control thread (which never needs a grace period for itself: it is the one that frees).
#pragma once

#include <array>
#include <span>

#include "dataplane/forwarding_state.h"
#include "hash/key.h"

namespace ecmpd::dataplane {

struct Explanation {
  std::array<uint8_t, sizeof(hash::Key6)> key_bytes{};
  uint8_t key_size = 0;
  uint32_t hash = 0;
  GroupId group = kNoRoute;
  uint32_t group_size = 0;
  uint32_t bucket = 0;
  AdjacencyId adjacency = kNoRouteAdjacency;

  std::span<const uint8_t> key() const { return {key_bytes.data(), key_size}; }
};

/// For a tuple of either family; the packet is taken to be whole.
Explanation explain(const ForwardingState& state, const hash::Tuple& tuple);

}  // namespace ecmpd::dataplane
