// Random frames that are nearly good: from common packets to ones with something wrong or unusual in any field that
// the stages look at, with a checksum that mostly fits what was changed.
#pragma once

#include <cstddef>

#include "dataplane/burst.h"
#include "hash/random.h"
#include "tests/dataplane/packet.h"

namespace ecmpd::dataplane::test {

/// Of the world's packets to port 0; either family.
Bytes random_frame(hash::Random& random);

/// What a driver may do with one: another offset, flags, a second segment. Depends on `random` alone.
void random_mbuf(hash::Random& random, rte_mbuf* packet);

}  // namespace ecmpd::dataplane::test
