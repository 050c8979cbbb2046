// Random frames that are nearly good: from common packets to ones with something wrong or unusual in any field that
// the stages look at, with a checksum that mostly fits what was changed.
#pragma once

#include <cstddef>

#include "dataplane/burst.h"
#include "hash/address.h"
#include "hash/random.h"
#include "tests/dataplane/packet.h"

namespace ecmpd::dataplane::test {

/// Of the world's packets to port 0; either family.
Bytes random_frame(hash::Random& random);

/// A common packet (dataplane/classify.h), with Ethernet padding now and then.
Bytes random_common_frame(hash::Random& random, hash::Family family);

/// What a driver may do with one: another offset, flags, a second segment. Depends on `random` alone.
void random_mbuf(hash::Random& random, rte_mbuf* packet);
/// Of this what leaves a common packet common: another offset.
void move_frame(hash::Random& random, rte_mbuf* packet);

}  // namespace ecmpd::dataplane::test
