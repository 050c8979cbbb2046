// Where a member enters preference lists that exist already: a newcomer, or one whose weight changed.
//
// The other members never change order among themselves, so that a bucket moves to or from the subject or not at all.
// Position 0 is given by quota: the subject gets (or gives up) exactly what brings the owners of all buckets to their
// exact shares. Further down it enters at each position with the probability that its weight demands there, by
// systematic sampling over the lists in order, so that every class of lists that begin alike has its fair part of it.
// A raised weight w + d acts like a second newcomer of weight d: the subject stands where the first of the two does. A
// lowered weight is the reverse. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <span>

#include "hash/member.h"
#include "hash/preference_lists.h"
#include "hash/random.h"

namespace ecmpd::hash {

/// Enters members[subject] into `lists`; its weight was `old_weight`, 0 for a newcomer, which is in no list yet.
/// Every list holds at least one other member.
void place(PreferenceLists& lists, std::span<const Member> members, uint16_t subject, uint16_t old_weight,
           Random random);

}  // namespace ecmpd::hash
