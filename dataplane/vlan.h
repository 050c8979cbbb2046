// 802.1Q: sub-ports that share the device of another port, its trunk, by the tag on the wire.
//
// What comes in is sorted once, between rx and parse, and from there on a sub-port is a port like any other; its
// packets get their tag as they enter the buffer of tx. A worker asks for it once a burst of a trunk, and tx not at
// all: see Transmitter::put(). So packets of other ports cost what they cost without VLANs. Worker only.
#pragma once

#include <rte_mbuf.h>

#include <array>

#include "dataplane/burst.h"
#include "dataplane/counters.h"
#include "dataplane/port.h"

namespace ecmpd::dataplane {

/// The sub-ports of a trunk.
struct VlanTable {
  static constexpr unsigned kIds = 4096;
  std::array<const PortFacts*, kIds> port{};  // by VLAN identifier
};

/// A burst of a trunk, port by port.
class VlanSort {
 public:
  /// Takes the tags off that name a sub-port or no VLAN (identifier 0). Others stay, and parse rejects them. Counts
  /// each packet as received by the port that it belongs to: for a trunk rx does not.
  VlanSort(const Burst& burst, const PortFacts& trunk, WorkerCounters& counters);

  /// Fills the burst with all packets of one port, in order, and returns the port; nullptr when there are no more.
  const PortFacts* next(Burst& burst);

 private:
  unsigned count_;
  unsigned first_ = 0;
  std::array<rte_mbuf*, kBurst> packets_;
  std::array<const PortFacts*, kBurst> ports_;  // nullptr: taken
};

/// Takes a tag off that names no VLAN (identifier 0), in the frame or taken off by the device; its priority stays with
/// the packet. False, and nothing has changed: there is no such tag. For ports without sub-ports, where only what is
/// not common is asked for it.
bool take_priority_tag(rte_mbuf* packet);

/// Whether the frame itself begins with such a tag.
bool has_priority_tag(const rte_mbuf* packet);

/// The frame as if the tag in it were not there, as long as this lives: for who looks at it only. Not `tagged`: as it
/// is.
class WithoutTag {
 public:
  WithoutTag(rte_mbuf* packet, bool tagged);
  ~WithoutTag();
  WithoutTag(const WithoutTag&) = delete;
  WithoutTag& operator=(const WithoutTag&) = delete;

 private:
  static constexpr unsigned kTag = 4;
  rte_mbuf* const packet_;  // null: it has none
  std::array<uint8_t, kTag> tag_;
};

/// Writes the tag of a sub-port into a frame that leaves by it, or has the device do it: with the priority and drop
/// eligibility that the packet came with (IEEE 802.1Q section 6.9), 0 if it came without a tag. False when there is no
/// room.
bool put_tag(rte_mbuf* packet, const PortFacts& port);

}  // namespace ecmpd::dataplane
