#include "dataplane/tx.h"

#include <rte_ethdev.h>

#include <utility>

#include "dataplane/fragment.h"
#include "dataplane/vlan.h"

namespace ecmpd::dataplane {

Transmitter::Transmitter(std::span<const PortFacts* const> ports, uint16_t queue, WorkerCounters& counters,
                         Exits& exits)
    : buffers_(ports.size()), queue_(queue), exits_(exits), fragments_(counters.fragments) {
  for (size_t i = 0; i < ports.size(); ++i) {
    Buffer& buffer = buffers_[i];
    buffer.port = ports[i];
    buffer.sent = &counters.port[i].tx;
    if (ports[i]->vlan == 0) buffer.longest_plain = ports[i]->mtu + uint32_t{sizeof(rte_ether_hdr)};
    if (ports[i]->takes_segments) buffer.most_segments = UINT16_MAX;
  }
}

void Transmitter::put_slowly(rte_mbuf* packet) {
  const bool too_long = packet->pkt_len > buffers_[packet->port].port->mtu + sizeof(rte_ether_hdr);
  // What may not be fragmented did not pass rewrite; what is no IP packet comes from the kernel, as it is.
  if (too_long && may_be_fragmented(packet)) return put_fragments(packet);
  put_finished(packet);
}

/// Nothing of its length is looked at any more.
void Transmitter::put_finished(rte_mbuf* packet) {
  Buffer& buffer = buffers_[packet->port];
  const PortFacts& port = *buffer.port;
  if (packet->nb_segs > 1 && !port.takes_segments) {
    packet = in_one_segment(packet);
    if (packet == nullptr) return;
  }
  if (port.vlan != 0 && !put_tag(packet, port)) return lose(packet, DropReason::kNoBuffer);
  add(buffer, packet, packet->pkt_len);
}

/// Null, and the packet is dropped, when there is no memory.
rte_mbuf* Transmitter::in_one_segment(rte_mbuf* packet) {
  // Every mbuf has room for a frame of any port.
  rte_mbuf* copy = rte_pktmbuf_copy(packet, packet->pool, 0, UINT32_MAX);
  if (copy == nullptr) {
    lose(packet, DropReason::kNoBuffer);
    return nullptr;
  }
  if (exits_.recorder() != nullptr) [[unlikely]]
    exits_.recorder()->replaced(packet, copy);
  rte_pktmbuf_free(packet);
  return copy;
}

void Transmitter::put_fragments(rte_mbuf* packet) {
  const uint16_t out = packet->port;
  std::array<rte_mbuf*, kMaxFragments> room;
  const auto count = fragment(packet, buffers_[out].port->mtu, room);
  if (!count) return lose(packet, count.error());
  const auto pieces = std::span(room).first(*count);
  fragments_.add(*count - 1);
  // The packet itself is gone; only its address is used.
  if (exits_.recorder() != nullptr) [[unlikely]]
    exits_.recorder()->fragmented(packet, PortIndex{out}, pieces);
  for (rte_mbuf* piece : pieces) put_finished(piece);
}

/// Drops what has been rewritten and reaches no buffer.
void Transmitter::lose(rte_mbuf* packet, DropReason reason) {
  if (exits_.recorder() != nullptr) [[unlikely]]
    exits_.recorder()->rewritten(packet);
  exits_.drop(packet, reason);
}

void Transmitter::flush() {
  for (Buffer& buffer : buffers_) {
    if (buffer.fill != 0) send(buffer);
  }
}

void Transmitter::send(Buffer& buffer) {
  const PortFacts& port = *buffer.port;
  if (exits_.recorder() != nullptr || !port.link_up.load(std::memory_order_relaxed)) [[unlikely]]
    return send_slowly(buffer);
  const uint64_t fill = std::exchange(buffer.fill, 0);
  const unsigned count = Buffer::count(fill);
  const unsigned sent = rte_eth_tx_burst(port.dpdk_port, queue_, buffer.packets.data(), static_cast<uint16_t>(count));
  if (sent < count) [[unlikely]]
    return count_and_drop_rest(buffer, sent, fill, DropReason::kTxQueueFull);
  buffer.sent->add(count, Buffer::bytes(fill));
}

/// While somebody records, or without a link.
void Transmitter::send_slowly(Buffer& buffer) {
  const PortFacts& port = *buffer.port;
  const uint64_t fill = std::exchange(buffer.fill, 0);
  const unsigned count = Buffer::count(fill);
  Recorder* const recorder = exits_.recorder();
  if (recorder != nullptr) {
    const bool tagged = port.vlan != 0 && !port.inserts_tag;
    recorder->sending({buffer.packets.data(), count}, port.index, tagged);
  }
  const bool up = port.link_up.load(std::memory_order_relaxed);
  const unsigned sent =
      up ? rte_eth_tx_burst(port.dpdk_port, queue_, buffer.packets.data(), static_cast<uint16_t>(count)) : 0;
  if (recorder != nullptr) recorder->sent(sent);
  count_and_drop_rest(buffer, sent, fill, up ? DropReason::kTxQueueFull : DropReason::kPortDown);
}

/// Counts the first `sent` packets of the buffer and drops the others; `fill` is what it held.
void Transmitter::count_and_drop_rest(Buffer& buffer, unsigned sent, uint64_t fill, DropReason reason) {
  const auto unsent = std::span(buffer.packets).first(Buffer::count(fill)).subspan(sent);
  uint64_t bytes = Buffer::bytes(fill);
  for (const rte_mbuf* packet : unsent) bytes -= packet->pkt_len;
  buffer.sent->add(sent, bytes);
  for (rte_mbuf* packet : unsent) exits_.drop(packet, reason);
}

}  // namespace ecmpd::dataplane
