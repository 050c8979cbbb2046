#include "dataplane/tx.h"

#include <rte_ethdev.h>

#include <utility>

#include "dataplane/fragment.h"
#include "dataplane/vlan.h"

namespace ecmpd::dataplane {

Transmitter::Transmitter(std::span<const PortFacts* const> ports, uint16_t queue, WorkerCounters& counters,
                         Exits& exits)
    : ports_(ports.begin(), ports.end()), buffers_(ports.size()), queue_(queue), counters_(counters), exits_(exits) {
  for (size_t i = 0; i < ports_.size(); ++i) {
    if (ports_[i]->vlan == 0) buffers_[i].longest_plain = ports_[i]->mtu + uint32_t{sizeof(rte_ether_hdr)};
    if (ports_[i]->takes_segments) buffers_[i].most_segments = UINT16_MAX;
  }
}

void Transmitter::put_slowly(rte_mbuf* packet) {
  const bool too_long = packet->pkt_len > ports_[packet->port]->mtu + sizeof(rte_ether_hdr);
  // What may not be fragmented did not pass rewrite; what is no IP packet comes from the kernel, as it is.
  if (too_long && may_be_fragmented(packet)) return put_fragments(packet);
  put_finished(packet);
}

/// Nothing of its length is looked at any more.
void Transmitter::put_finished(rte_mbuf* packet) {
  const PortFacts& port = *ports_[packet->port];
  if (packet->nb_segs > 1 && !port.takes_segments) {
    packet = in_one_segment(packet);
    if (packet == nullptr) return;
  }
  if (port.vlan != 0 && !put_tag(packet, port)) return lose(packet, DropReason::kNoBuffer);
  add(packet, port.index);
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
  const auto count = fragment(packet, ports_[out]->mtu, room);
  if (!count) return lose(packet, count.error());
  const auto pieces = std::span(room).first(*count);
  counters_.fragments.add(*count - 1);
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
  for (size_t port = 0; port < buffers_.size(); ++port) {
    if (buffers_[port].fill != 0) send(port);
  }
}

void Transmitter::send(size_t port) {
  Buffer& buffer = buffers_[port];
  const bool up = ports_[port]->link_up.load(std::memory_order_relaxed);
  const unsigned count = buffer.count();
  uint64_t bytes = std::exchange(buffer.fill, 0) >> Buffer::kBytesAt;
  Recorder* const recorder = exits_.recorder();
  if (recorder != nullptr) [[unlikely]] {
    const bool tagged = ports_[port]->vlan != 0 && !ports_[port]->inserts_tag;
    recorder->sending({buffer.packets.data(), count}, PortIndex{static_cast<uint16_t>(port)}, tagged);
  }
  const unsigned sent =
      up ? rte_eth_tx_burst(ports_[port]->dpdk_port, queue_, buffer.packets.data(), static_cast<uint16_t>(count)) : 0;
  if (recorder != nullptr) [[unlikely]]
    recorder->sent(sent);
  for (unsigned i = sent; i < count; ++i) bytes -= buffer.packets[i]->pkt_len;
  counters_.port[port].tx.packets.add(sent);
  counters_.port[port].tx.bytes.add(bytes);
  for (unsigned i = sent; i < count; ++i) {
    exits_.drop(buffer.packets[i], up ? DropReason::kTxQueueFull : DropReason::kPortDown);
  }
}

}  // namespace ecmpd::dataplane
