// Do a connection's fragments and ICMP errors follow it to its member?
//
// Pure function; any thread.
#pragma once

#include <array>
#include <cstdint>

#include "hash/lab/mix.h"
#include "hash/lab/placing.h"

namespace ecmpd::hash::lab {

struct Followed {
  struct Count {
    uint64_t packets = 0;
    uint64_t with_connection = 0;  // on the member that the connection's whole packets go to
  };
  std::array<Count, kParts.size()> parts;  // by Part
  uint64_t datagrams = 0;                  // that came in fragments
  uint64_t datagrams_together = 0;         // all of whose fragments were on one member
};

/// `connections` of a mix.
Followed follow(const Placing& placing, uint32_t connections, uint64_t seed);

}  // namespace ecmpd::hash::lab
