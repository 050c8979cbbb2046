// What the devices cost without a router: packets of one port sent by the other, unread or with their MAC addresses
// swapped, as testpmd's io and macswap modes do it. The worker's thread.
#pragma once

#include <array>
#include <cstdint>

#include "bench/ecmpbench/testbed.h"

namespace ecmpd::bench {

struct Queues {
  std::array<uint16_t, kInputs> ports{};  // DPDK's numbers
  uint16_t queue = 0;
};

/// Passes `bursts` bursts, by turns from each port to the other; returns how many packets were sent.
uint64_t forward_io(const Queues& queues, unsigned bursts);
uint64_t forward_macswap(const Queues& queues, unsigned bursts);

}  // namespace ecmpd::bench
