// A worker's notebook while somebody traces or captures: the stages tell it what happens to the packets that are
// watched, and it keeps a record of each until its fate is known.
//
// Worker only; no allocation, lock or system call: records lie in slots made beforehand, finished ones go to control
// through a ring and come back empty through another. When there is no slot the packet is not watched, and counted as
// lost. Nobody watches: there is no recorder, and the stages ask for one pointer a burst.
#pragma once

#include <rte_mbuf.h>

#include <array>
#include <atomic>
#include <span>
#include <vector>

#include "dataplane/burst.h"
#include "dataplane/counters.h"
#include "dataplane/packet_filter.h"
#include "dataplane/spsc_ring.h"
#include "dataplane/watch_record.h"

namespace ecmpd::dataplane {

/// What is watched, shared by all workers.
struct WatchSpec {
  PacketFilter filter;
  std::optional<PortIndex> port;  // only packets that come in by it (frames: that leave by it too)
  uint64_t count = UINT64_MAX;    // records to make
  unsigned snap_length = 128;     // bytes to keep of each packet
  bool frames_out = false;        // a record for each frame that leaves, beside those of what comes
};

class Recorder {
 public:
  /// `wanted` is what is left of spec.count, for all workers; once `closed` no record is begun. `ports` bounds the
  /// packets of one round.
  Recorder(const WatchSpec& spec, std::atomic<int64_t>& wanted, const std::atomic<bool>& closed, unsigned worker,
           unsigned ports, unsigned slots);

  // The stages, in their order.
  void received(std::span<rte_mbuf* const> packets, PortIndex port);
  void originated(rte_mbuf* packet);
  /// Of a packet whose key is not made in bursts; before selected().
  void keyed(const rte_mbuf* packet, std::span<const uint8_t> key);
  struct Selection {
    GroupId group;
    uint32_t buckets;
    hash::Indexing indexing;
    uint32_t bucket;
    std::span<const uint8_t> key;  // counts only where keyed() was not called
    uint32_t hash;
    AdjacencyId adjacency;
  };
  void selected(const rte_mbuf* packet, const Selection& selection);
  void dropped(const rte_mbuf* packet, DropReason reason);
  void punted(const rte_mbuf* packet, PuntClass punt_class);
  void replaced(const rte_mbuf* packet, rte_mbuf* by);
  void fragmented(const rte_mbuf* packet, PortIndex out, std::span<rte_mbuf* const> fragments);
  /// Of a packet that is dropped behind the rewrite stage, without having been offered to a device: what it had become.
  void rewritten(const rte_mbuf* packet);
  /// Before the frames, at most kBurst, are offered to the device of a port, and after it took the first `count`. The
  /// others are dropped afterwards. `tagged`: each begins with the port's VLAN tag, which nobody is to see.
  void sending(std::span<rte_mbuf* const> frames, PortIndex out, bool tagged = false);
  void sent(unsigned count);

  // Control.
  /// The next finished record, or null; give it back with release() before the next call.
  const WatchRecord* finished();
  const uint8_t* bytes() const { return &bytes_[size_t{taken_} * spec_.snap_length]; }
  void release();
  uint64_t lost() const { return lost_.get(); }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  struct Open {
    const rte_mbuf* packet;  // null: finished
    uint32_t slot;
  };
  uint32_t open_slot(const rte_mbuf* packet, WatchedAs as, PortIndex port);
  void open(rte_mbuf* packet, WatchedAs as, PortIndex port);
  bool wants(const rte_mbuf* packet) const;
  Open* find(const rte_mbuf* packet);
  static void keep_rewritten(const rte_mbuf* frame, WatchRecord& record);
  void finish(Open& open, Fate fate);

  const WatchSpec& spec_;
  std::atomic<int64_t>& wanted_;
  const std::atomic<bool>& closed_;
  const unsigned worker_;
  std::vector<WatchRecord> slots_;
  std::vector<uint8_t> bytes_;
  SpscRing<uint32_t> free_;
  SpscRing<uint32_t> finished_;
  Counter lost_;
  // The worker's.
  std::vector<uint32_t> spare_;  // slots that were not needed after all
  std::vector<Open> open_;       // packets of this round, in the order of their coming
  size_t cursor_ = 0;            // where the next one is likely found
  size_t unfinished_ = 0;
  struct Sending {
    Open* open;      // null: not watched
    uint32_t frame;  // slot of the frame's own record, or kNone
  };
  std::array<Sending, kBurst> sending_;
  PortIndex sending_to_{0};
  // Control's.
  uint32_t taken_ = 0;
};

}  // namespace ecmpd::dataplane
