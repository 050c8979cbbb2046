// The table with one entry for each unit of weight: the classic nexthop array.
//
// Indexed by hash % size it is `modulo`; by range it is `hash-threshold`, each member's region exactly as wide as its
// weight demands. A pure function; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "hash/member.h"

namespace ecmpd::hash {

/// Members in the order given, each `weight` times after division by the greatest common divisor; entries are indexes
/// into `members`. When that exceeds kMaxBuckets entries, weights are scaled down to as many by largest remainder, no
/// member below 1. 1 to kMaxMembers members, weights at least 1.
std::vector<uint16_t> unit_table(std::span<const Member> members);

}  // namespace ecmpd::hash
