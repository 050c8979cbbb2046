// Models of how two other software routers fill a power-of-two table, to compare with: VPP and grout.
//
// Written from what those tables look like from outside, not from code, and only as far as that goes; the order of
// paths is that of the members given. Pure functions; any thread. The laboratory's: no router of ours offers them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "hash/member.h"

namespace ecmpd::hash {

/// VPP: shares are rounded to the nearest; the table doubles (up to 8192) until the rounding errors, summed over the
/// paths, are at most a tenth of it, and nobody is left without a bucket. What is left over then all goes to the first
/// path. 6 equal members: 7, 5, 5, 5, 5, 5 of 32. 1 to kMaxMembers members, weights at least 1.
std::vector<uint16_t> vpp_table(std::span<const Member> members);

/// grout: the smallest power of two with a bucket for every unit of weight (in lowest terms; at most kMaxBuckets), in
/// which each member in turn takes its share rounded up until the table is full. 5 equal members: 2, 2, 2, 2, 0 of 8.
std::vector<uint16_t> grout_table(std::span<const Member> members);

}  // namespace ecmpd::hash
