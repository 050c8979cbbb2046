// The last stage: one buffer per port, sent when it is full and at the end of every poll.
//
// Worker only. What the device does not take is dropped as tx_queue_full; what would leave by a port without link as
// port_down. mbuf->port names the port to leave by. IPv4 packets longer than its MTU leave in fragments: here, so that
// they keep their place among the packets of their flow. What leaves by a sub-port gets its VLAN tag here.
#pragma once

#include <rte_mbuf.h>

#include <array>
#include <span>
#include <vector>

#include "dataplane/burst.h"
#include "dataplane/counters.h"
#include "dataplane/exits.h"
#include "dataplane/port.h"

namespace ecmpd::dataplane {

class Transmitter {
 public:
  /// Sends on `queue` of every port.
  Transmitter(std::span<const PortFacts* const> ports, uint16_t queue, WorkerCounters& counters, Exits& exits);

  void put(rte_mbuf* packet) { put({&packet, 1}); }
  void put(std::span<rte_mbuf* const> packets);
  void flush();

 private:
  struct Buffer {
    unsigned count = 0;
    uint32_t longest_plain = 0;  // frames up to it leave as they are; 0 for a sub-port, whose frames get a tag
    uint16_t most_segments = 1;  // of such a frame
    uint32_t bytes = 0;          // of the packets in it
    std::array<rte_mbuf*, kBurst> packets;
  };
  void add(rte_mbuf* packet) { add(buffers_[packet->port], packet); }
  void add(Buffer& buffer, rte_mbuf* packet) {
    buffer.packets[buffer.count] = packet;
    buffer.bytes += packet->pkt_len;
    if (++buffer.count == kBurst) [[unlikely]]
      send(packet->port);
  }
  void put_slowly(rte_mbuf* packet);
  void put_finished(rte_mbuf* packet);
  void put_fragments(rte_mbuf* packet);
  void put_copy(rte_mbuf* packet);
  void send(size_t port);

  std::vector<const PortFacts*> ports_;
  std::vector<Buffer> buffers_;
  uint16_t queue_;
  WorkerCounters& counters_;
  Exits& exits_;
};

inline void Transmitter::put(std::span<rte_mbuf* const> packets) {
  Buffer* const buffers = buffers_.data();
  for (rte_mbuf* packet : packets) {
    Buffer& buffer = buffers[packet->port];
    // For everything that is not usual: longer than the port's frames, to be tagged, or in more segments than it takes.
    if (packet->pkt_len > buffer.longest_plain || packet->nb_segs > buffer.most_segments) [[unlikely]] {
      put_slowly(packet);
    } else {
      add(buffer, packet);
    }
  }
}

/// The stage: every packet of the burst (of either family) into the buffer of its port.
template <typename AnyBurst>
inline void tx(AnyBurst& burst, Transmitter& transmitter) {
  transmitter.put({burst.mbuf.data(), burst.count});
  burst.count = 0;
}

}  // namespace ecmpd::dataplane
