// Maglev's table: for routers that must agree on every flow without a common history.
//
// Each member has a permutation of a prime number of entries, by its address and the seed; members take turns, and in
// its turn each takes the first entry of its permutation that is free still (Eisenbud et al., NSDI 2016, section 3.4).
// With weights a turn earns credit, and an entry costs the credit of a turn at the largest weight; nobody takes more
// than its share by largest remainder. A pure function of the member set and the seed; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "hash/member.h"

namespace ecmpd::hash {

/// The smallest prime above `buckets` (at most kMaxBuckets): 65537 for 65536.
uint32_t maglev_size(uint32_t buckets);

/// `size` is prime and above the number of members, which are 1 to kMaxMembers with weights of at least 1; entries
/// are indexes into `members`.
std::vector<uint16_t> maglev_table(std::span<const Member> members, uint32_t size, uint64_t seed);

}  // namespace ecmpd::hash
