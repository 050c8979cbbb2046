// Prefixes that nest and fork in every way, and the addresses where their answers differ: what comes and goes in a
// stress test of the whole forwarding state. Either family.
#pragma once

#include <vector>

#include "hash/address.h"
#include "hash/random.h"

namespace ecmpd::dataplane {

struct ChurnPool {
  std::vector<hash::Prefix> prefixes;
  std::vector<bool> kept;               // by prefix: it may change its group, but is always there
  std::vector<hash::IpAddress> probes;  // the first and last address of each prefix, one inside, one on either side

  void append(const ChurnPool& other);
};

/// Under two prefixes of the family, one of which is kept: "no route" is an answer below one and a fault below the
/// other.
ChurnPool make_churn_pool(hash::Family family, hash::Random& random);

}  // namespace ecmpd::dataplane
