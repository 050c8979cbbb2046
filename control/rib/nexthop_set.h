// Nexthop sets: what a route points at, as interned values. {address, weight} sorted by address, distinct, never empty.
//
// The RIB makes them, the nexthop groups are keyed by them. A set stays valid while somebody holds a reference.
// Control thread.
#pragma once

#include <xxhash.h>

#include <cstdint>
#include <vector>

#include "control/rib/intern_table.h"
#include "hash/member.h"

namespace ecmpd::control {

using NexthopSet = std::vector<hash::Member>;

struct NexthopSetHash {
  size_t operator()(const NexthopSet& set) const {
    uint64_t sum = set.size();
    for (const hash::Member& member : set) {
      sum = XXH3_64bits_withSeed(member.address.bytes(), member.address.size(), sum ^ (uint64_t{member.weight} << 32));
    }
    return sum;
  }
};

using NexthopSets = InternTable<NexthopSet, NexthopSetHash>;
using NexthopSetId = NexthopSets::Id;
/// "No nexthops": fits the 24 bits that a route keeps for the id.
inline constexpr NexthopSetId kNoNexthops = 0xffffff;

/// Sorts by address and merges equal addresses (their weights are added, up to 65535).
void normalize(NexthopSet& set);

/// "10.0.1.11, 10.0.1.12 weight 3"
std::string to_string(const NexthopSet& set);

}  // namespace ecmpd::control
