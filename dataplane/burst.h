// A burst: at most 64 packets of one receive call, as a structure of arrays that the stages fill one after the other.
//
// parse sorts what came in by family: IPv4 packets stay in the Burst that was received, IPv6 packets go over to a
// Burst6, and each then takes the same stages by itself. So IPv4's line has no branch on the family behind parse, and
// packets of one flow keep their order. Slots 0..count-1 are the packets that are still on the straight line; parse and
// rewrite, the two stages with exits, close the gaps that packets leave. Lives in the worker; one lcore.
#pragma once

#include <rte_mbuf.h>

#include <array>
#include <cstdint>

#include "dataplane/ids.h"
#include "hash/key.h"

namespace ecmpd::dataplane {

inline constexpr unsigned kBurst = 64;

class Recorder;

struct Burst {
  unsigned count = 0;
  Recorder* recorder = nullptr;  // who wants to know what happens to the packets; mostly nobody
  std::array<rte_mbuf*, kBurst> mbuf;
  std::array<uint8_t*, kBurst> ip;            // IPv4 header, within the first segment                   (parse)
  std::array<uint32_t, kBurst> destination;   // host byte order                                        (parse)
  std::array<GroupId, kBurst> group;          //                                                          (lookup)
  std::array<AdjacencyId, kBurst> adjacency;  //                                                       (select)
};

/// The IPv6 packets of the same receive call.
struct Burst6 {
  unsigned count = 0;
  Recorder* recorder = nullptr;  // who wants to know what happens to the packets; mostly nobody
  std::array<rte_mbuf*, kBurst> mbuf;
  std::array<uint8_t*, kBurst> ip;                 // IPv6 header, within the first segment                   (parse)
  std::array<const uint8_t*, kBurst> destination;  // in it                                                   (parse)
  std::array<GroupId, kBurst> group;               //                                                        (lookup)
  std::array<AdjacencyId, kBurst> adjacency;       //                                                        (select)
};

}  // namespace ecmpd::dataplane
