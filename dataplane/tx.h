// The last stage: one buffer per port, filled by rewrite, sent when it is full and at the end of every poll; between
// two ports, after every burst.
//
// Worker only. What the device does not take is dropped as tx_queue_full; what would leave by a port without link as
// port_down. mbuf->port names the port to leave by, but for common packets, of which put_common() is told it. IPv4
// packets longer than its MTU leave in fragments: here, so that they keep their place among the packets of their flow.
// What leaves by a sub-port gets its VLAN tag here.
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

  /// By the port in mbuf->port, whatever the packet is.
  void put(rte_mbuf* packet);
  void put(std::span<rte_mbuf* const> packets) {
    for (rte_mbuf* packet : packets) put(packet);
  }
  /// A common packet (classify.h) of `bytes`, which leaves by `port`; mbuf->port need not say so.
  void put_common(rte_mbuf* packet, PortIndex port, uint32_t bytes);
  void flush();

 private:
  struct Buffer {
    static constexpr unsigned kBytesAt = 8;
    uint64_t fill = 0;           // packets in it, and from bit kBytesAt on their bytes: one store, not two
    uint32_t longest_plain = 0;  // frames up to it leave as they are; 0 for a sub-port, whose frames get a tag
    uint16_t most_segments = 1;  // of such a frame
    const PortFacts* port = nullptr;
    TrafficCounter* sent = nullptr;  // by the port
    std::array<rte_mbuf*, kBurst> packets;

    static unsigned count(uint64_t fill) { return static_cast<uint8_t>(fill); }
    static uint64_t bytes(uint64_t fill) { return fill >> kBytesAt; }
    /// True when it is full now.
    bool add(rte_mbuf* packet, uint32_t length) {
      const uint64_t before = fill;
      packets[count(before)] = packet;
      fill = before + (uint64_t{length} << kBytesAt) + 1;
      return count(before) == kBurst - 1;
    }
  };
  void add(Buffer& buffer, rte_mbuf* packet, uint32_t bytes) {
    if (buffer.add(packet, bytes)) [[unlikely]]
      send(buffer);
  }
  void put_slowly(rte_mbuf* packet);
  void put_finished(rte_mbuf* packet);
  void put_fragments(rte_mbuf* packet);
  rte_mbuf* in_one_segment(rte_mbuf* packet);
  void lose(rte_mbuf* packet, DropReason reason);
  void send(Buffer& buffer);
  void send_slowly(Buffer& buffer);
  void count_and_drop_rest(Buffer& buffer, unsigned sent, uint64_t fill, DropReason reason);

  std::vector<Buffer> buffers_;  // by PortIndex
  uint16_t queue_;
  Exits& exits_;
  Counter& fragments_;
};

inline void Transmitter::put(rte_mbuf* packet) {
  Buffer& buffer = buffers_[packet->port];
  // For everything that is not usual: longer than the port's frames, to be tagged, or in more segments than it takes.
  if (packet->pkt_len > buffer.longest_plain || packet->nb_segs > buffer.most_segments) [[unlikely]] {
    put_slowly(packet);
  } else {
    add(buffer, packet, packet->pkt_len);
  }
}

inline void Transmitter::put_common(rte_mbuf* packet, PortIndex port, uint32_t bytes) {
  Buffer& buffer = buffers_[raw(port)];
  if (bytes > buffer.longest_plain) [[unlikely]] {
    packet->port = raw(port);
    put_slowly(packet);
  } else {
    add(buffer, packet, bytes);
  }
}

/// The stage: what rewrite and others have put into the buffers leaves.
inline void tx(Transmitter& transmitter) { transmitter.flush(); }

}  // namespace ecmpd::dataplane
