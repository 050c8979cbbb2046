// A burst: at most 64 packets of one receive call, as a structure of arrays that the stages fill one after the other.
//
// parse sorts what came in by family: IPv4 packets stay in the Burst that was received, IPv6 packets go over to a
// Burst6, and each then takes the same stages by itself. So IPv4's line has no branch on the family behind parse, and
// packets of one flow keep their order. Slots 0..count-1 are the packets that are still on the straight line. Two
// stages have exits: parse closes the gaps that packets leave, rewrite empties the burst. Nearly all packets are common
// (classify.h): for them parse has seen everything that matters, and no stage behind it asks again. Lives in the
// worker; one lcore.
#pragma once

#include <rte_mbuf.h>

#include <array>
#include <cstdint>

#include "dataplane/classify.h"
#include "dataplane/ids.h"
#include "hash/key.h"

namespace ecmpd::dataplane {

inline constexpr unsigned kBurst = 64;

class Recorder;

/// mbuf->port of common packets is not set: rewrite sets it, to `in`, where one leaves the straight line.
struct Burst {
  unsigned count = 0;
  Recorder* recorder = nullptr;  // who wants to know what happens to the packets; mostly nobody
  const ClassifyKernels* kernels = &classify_kernels();
  uint64_t common = 0;                                    // a bit for each slot                               (parse)
  uint64_t bytes = 0;                                     // of what was received                              (parse)
  PortIndex in{0};                                        // that common packets came in by                    (parse)
  alignas(64) std::array<rte_mbuf*, kBurst> mbuf;         //
  alignas(64) std::array<uint8_t*, kBurst> ip;            // IPv4 header, within the first segment             (parse)
  alignas(64) std::array<uint32_t, kBurst> destination;   // host byte order                               (parse)
  alignas(64) std::array<hash::Key4, kBurst> key;         // of common packets, with all that lies there   (parse)
  alignas(64) std::array<GroupId, kBurst> group;          //                                               (lookup)
  alignas(64) std::array<AdjacencyId, kBurst> adjacency;  //                                               (select)
};

/// The IPv6 packets of the same receive call.
struct Burst6 {
  unsigned count = 0;
  Recorder* recorder = nullptr;                    // who wants to know what happens to the packets; mostly nobody
  uint64_t common = 0;                             // a bit for each slot                          (parse)
  PortIndex in{0};                                 // that common packets came in by               (parse)
  alignas(64) std::array<rte_mbuf*, kBurst> mbuf;  //
  alignas(64) std::array<uint8_t*, kBurst> ip;     // IPv6 header, within the first segment        (parse)
  alignas(64) std::array<const uint8_t*, kBurst> destination;  // in it                                    (parse)
  alignas(64) std::array<hash::Key6, kBurst> key;              // of common packets, with all that lies there  (parse)
  alignas(64) std::array<GroupId, kBurst> group;               //                                              (lookup)
  alignas(64) std::array<AdjacencyId, kBurst> adjacency;       //                                              (select)
};

/// Bits of the first `count` slots.
inline uint64_t first_slots(unsigned count) { return count >= 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1; }

}  // namespace ecmpd::dataplane
