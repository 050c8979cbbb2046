// Which packets of a burst are common, and their columns: the fast half of the parse stage.
//
// Common is a whole TCP or UDP packet to the port's own MAC address that a router has only to forward: in one segment,
// no IPv4 options and no IPv6 extension header, not a fragment, ports there, TTL or hop limit above 1, lengths, header
// checksum and addresses good. A kernel decides that for the whole burst by the headers alone; every other packet takes
// the generic path (parse_ipv4.h, parse_ipv6.h), which is right for common packets too, only slower, and which tests
// hold the kernels to. The kernels are chosen once, by the process's SIMD level (hash/simd.h); results are the same.
// Worker only.
#pragma once

#include <cstdint>

#include "hash/simd.h"

namespace ecmpd::dataplane {

struct Burst;
struct Burst6;
struct PortFacts;

namespace classify {
struct Frames;
}

struct ClassifyKernels {
  hash::SimdLevel level;
  /// Of the packets in burst.mbuf[0..count), which `port` received, the common IPv4 ones, a bit for each. Fills their
  /// `destination` and `key`, and takes Ethernet padding off. What other slots of these columns hold means nothing.
  uint64_t (*common4)(Burst& burst, const PortFacts& port, const classify::Frames& frames);
  /// The same for the common IPv6 ones, whose keys go to the same slots of the other burst.
  uint64_t (*common6)(Burst& burst, Burst6& burst6, const PortFacts& port, const classify::Frames& frames);
};

/// `level` is at most hash::detect_simd_level().
const ClassifyKernels& classify_kernels(hash::SimdLevel level = hash::simd_level());

}  // namespace ecmpd::dataplane
