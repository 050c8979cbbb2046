#include "control/host/punt_path.h"

#include <array>
#include <cstring>

namespace ecmpd::control {

namespace {
constexpr unsigned kTurn = 64;            // packets of the second lane, and frames of a twin, in one turn
constexpr unsigned kPriorityTurn = 1024;  // of the first: all of it, short of starving the timers
constexpr size_t kLargestFrame = 16384;
}  // namespace

PuntPath::PuntPath(Reactor& reactor, dataplane::PuntRing& ring, rte_mempool* mempool, std::vector<Tap*> twins,
                   GleanHandler glean)
    : ring_(ring), mempool_(mempool), twins_(std::move(twins)), glean_(std::move(glean)) {
  handles_.push_back(reactor.on_readable(ring_.event_fd(), [this] { on_punted(); }));
  for (size_t port = 0; port < twins_.size(); ++port) {
    handles_.push_back(reactor.on_readable(twins_[port]->fd(), [this, port] { on_twin(port); }));
  }
}

void PuntPath::on_punted() {
  ring_.acknowledge();
  std::array<rte_mbuf*, kTurn> packets;
  unsigned priority = 0;
  for (unsigned count = kTurn; count == kTurn && priority < kPriorityTurn; priority += count) {
    count = ring_.take(0, packets);
    for (unsigned i = 0; i < count; ++i) deliver(packets[i]);
  }
  const unsigned others = ring_.take(1, packets);
  for (unsigned i = 0; i < others; ++i) deliver(packets[i]);
  if (priority >= kPriorityTurn || others == kTurn) ring_.signal();
}

void PuntPath::deliver(rte_mbuf* packet) {
  if (dataplane::PuntRing::class_of(packet) == dataplane::PuntClass::kGlean) return glean_(packet);
  std::array<uint8_t, kLargestFrame> copy;
  const uint32_t length = rte_pktmbuf_pkt_len(packet);
  const void* frame = length <= copy.size() ? rte_pktmbuf_read(packet, 0, length, copy.data()) : nullptr;
  const bool taken = frame != nullptr && twins_[packet->port]->write({static_cast<const uint8_t*>(frame), length});
  ++(taken ? counters_.to_kernel : counters_.kernel_refused);
  rte_pktmbuf_free(packet);
}

void PuntPath::on_twin(size_t port) {
  std::array<uint8_t, kLargestFrame> frame;
  for (unsigned i = 0; i < kTurn; ++i) {
    const size_t length = twins_[port]->read(frame);
    if (length == 0) return;
    ++counters_.from_kernel;
    rte_mbuf* packet = rte_pktmbuf_alloc(mempool_);
    char* room =
        packet != nullptr && length <= UINT16_MAX ? rte_pktmbuf_append(packet, static_cast<uint16_t>(length)) : nullptr;
    if (room == nullptr) {
      ++counters_.inject_failed;
      rte_pktmbuf_free(packet);
      continue;
    }
    std::memcpy(room, frame.data(), length);
    packet->port = static_cast<uint16_t>(port);
    inject(packet);
  }
}

void PuntPath::inject(rte_mbuf* packet) {
  if (ring_.inject(packet)) return;
  ++counters_.inject_failed;
  rte_pktmbuf_free(packet);
}

void PuntPath::give_up(rte_mbuf* packet, dataplane::DropReason reason) {
  if (ring_.give_up(packet, reason)) return;
  ++counters_.inject_failed;
  rte_pktmbuf_free(packet);
}

}  // namespace ecmpd::control
