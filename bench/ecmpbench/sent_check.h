// Whether the router sends what it should: every frame that leaves during some rounds, compared byte for byte with what
// the flow's packet must become.
//
// The judge shares no code with the stages: the key by the generic path over whole packets, the hash one key at a time
// without vector instructions, one lookup at a time, and a frame written by frames.h. Worker's thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "bench/ecmpbench/frames.h"
#include "bench/ecmpbench/testbed.h"

namespace ecmpd::bench {

struct SentCheck {
  uint64_t frames = 0;  // compared
  std::string problem;  // of the first that was wrong, or missing; empty: none
};

/// Steps worker number `worker`, online in RCU, until every flow has left at least once. `frames` as they come in,
/// number i with the number i; their destination address does not matter.
SentCheck check_sent(Testbed& testbed, unsigned worker, std::span<const Frame> frames);

}  // namespace ecmpd::bench
