// The balanced lists of a layout that is built at once.
//
// All buckets are split among the members as first choice, in proportion to weights; the buckets of each member are
// split in the same way among the others as second choice; and so on, until a part has one bucket. Every share is the
// exact one rounded down or up: by largest remainder for the first choice, below it by systematic sampling from a
// random start, so that what rounding leaves over falls to members in proportion to what they are owed. (Largest
// remainder there would give it to the same member in every part.) A pure function; any thread.
#pragma once

#include <cstdint>
#include <span>

#include "hash/member.h"
#include "hash/preference_lists.h"
#include "hash/random.h"

namespace ecmpd::hash {

/// Lists over `members` (1 to 65535, at most one a bucket), as indexes into it.
PreferenceLists preference_tree(std::span<const Member> members, uint32_t buckets, Random random);

}  // namespace ecmpd::hash
