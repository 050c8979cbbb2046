// Whole shares of a number of table entries in proportion to weights, and how far a table is from them.
//
// Exact integers throughout: a share is the exact one rounded down or up, so that no member is starved and none gets
// all that rounding left over. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "hash/member.h"
#include "hash/random.h"

namespace ecmpd::hash {

/// Exact integer shares of `total` in proportion to weights, by largest remainder (ties to the lower index). All zero
/// when all weights are.
std::vector<uint32_t> largest_remainder(std::span<const uint32_t> weights, uint32_t total);

/// Lifts shares of 0 to 1, each at the expense of the largest share. The sum, which stays, is at least the number of
/// shares.
void lift_to_one(std::span<uint32_t> shares);

/// How many of `buckets` each member owns when all are up: largest remainder, ties decided by `random`, none below 1.
std::vector<uint32_t> bucket_quotas(std::span<const Member> members, uint32_t buckets, Random& random);

/// How far a table is from the exact shares: the largest |buckets - exact| / exact over the members, 0 for perfect.
/// `owners` index into `members`; members that own nothing and are not live are given weight 0 by the caller.
double worst_deviation(std::span<const uint16_t> owners, std::span<const Member> members);

}  // namespace ecmpd::hash
