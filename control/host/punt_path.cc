#include "control/host/punt_path.h"

#include <array>
#include <cstring>

namespace ecmpd::control {

namespace {
constexpr unsigned kTurn = 64;            // packets of the second lane, and frames of a twin, in one turn
constexpr unsigned kPriorityTurn = 1024;  // of the first: all of it, short of starving the timers
constexpr size_t kLargestFrame = 16384;
constexpr size_t kEthernetHeader = 14;
constexpr size_t kEtherTypeAt = 12;

/// The data plane takes a hop from every packet, and the kernel's are at their beginning. The EtherType of the packet's
/// family; 0 for what has no way beyond its link: the kernel's own group reports on the interface.
uint16_t add_a_hop(std::span<uint8_t> packet) {
  if (packet.size() >= 40 && packet[0] >> 4 == 6) {
    const bool link_scope = packet[24] == 0xff || (packet[8] == 0xfe && (packet[9] & 0xc0) == 0x80);
    if (packet[7] != 255) ++packet[7];
    return link_scope ? 0 : 0x86dd;
  }
  if (packet.size() < 20 || packet[0] >> 4 != 4 || packet[16] >= 224) return 0;
  if (packet[8] == 255) return 0x0800;
  ++packet[8];
  // RFC 1624, equation 3: the word grew by 0x0100.
  const uint32_t old = static_cast<uint16_t>(~(packet[10] << 8 | packet[11]));
  uint32_t sum = old + 0x0100;
  sum = (sum & 0xffff) + (sum >> 16);
  packet[10] = static_cast<uint8_t>(~sum >> 8);
  packet[11] = static_cast<uint8_t>(~sum);
  return 0x0800;
}

/// Of a whole packet header.
hash::IpAddress source_of(std::span<const uint8_t> packet) {
  if (packet[0] >> 4 == 6) return hash::IpAddress::v6(&packet[8]);
  return hash::IpAddress::v4(uint32_t{packet[12]} << 24 | uint32_t{packet[13]} << 16 | uint32_t{packet[14]} << 8 |
                             packet[15]);
}

/// A frame with one of the errors that the data plane makes.
bool is_icmp_error4(std::span<const uint8_t> frame) {
  constexpr size_t kIcmpAt = kEthernetHeader + 20;
  if (frame.size() <= kIcmpAt || frame[kEtherTypeAt] != 0x08 || frame[kEtherTypeAt + 1] != 0) return false;
  constexpr uint8_t kIcmp = 1;
  constexpr uint8_t kUnreachable = 3;
  constexpr uint8_t kTimeExceeded = 11;
  return frame[kEthernetHeader] == 0x45 && frame[kEthernetHeader + 9] == kIcmp &&
         (frame[kIcmpAt] == kUnreachable || frame[kIcmpAt] == kTimeExceeded);
}
}  // namespace

PuntPath::PuntPath(Reactor& reactor, dataplane::PuntRing& ring, rte_mempool* mempool, std::vector<Tap*> twins, Tap* far,
                   OwnAddresses own, GleanHandler glean)
    : ring_(ring),
      mempool_(mempool),
      twins_(std::move(twins)),
      far_(far),
      own_(std::move(own)),
      glean_(std::move(glean)) {
  handles_.push_back(reactor.on_readable(ring_.event_fd(), [this] { on_punted(); }));
  for (size_t port = 0; port < twins_.size(); ++port) {
    handles_.push_back(reactor.on_readable(twins_[port]->fd(), [this, port] { on_twin(port); }));
  }
  handles_.push_back(reactor.on_readable(far_->fd(), [this] { on_far(); }));
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
  std::span bytes(static_cast<const uint8_t*>(frame), length);
  const bool taken = frame != nullptr && way_up(bytes, packet->port).write(bytes);
  ++(taken ? counters_.to_kernel : counters_.kernel_refused);
  rte_pktmbuf_free(packet);
}

Tap& PuntPath::way_up(std::span<const uint8_t>& frame, size_t port) const {
  // A packet from one of its own addresses that comes in by a twin is an impostor's to the kernel, and dropped. The
  // data plane's errors about the kernel's packets are such, and take the way that those came. Who forges one can do so
  // with any other source, too.
  if (!is_icmp_error4(frame) || !own_.contains(source_of(frame.subspan(kEthernetHeader)))) return *twins_[port];
  frame = frame.subspan(kEthernetHeader);
  return *far_;
}

rte_mbuf* PuntPath::from_kernel(std::span<const uint8_t> bytes, size_t headroom) {
  ++counters_.from_kernel;
  const size_t length = headroom + bytes.size();
  rte_mbuf* packet = rte_pktmbuf_alloc(mempool_);
  char* room =
      packet != nullptr && length <= UINT16_MAX ? rte_pktmbuf_append(packet, static_cast<uint16_t>(length)) : nullptr;
  if (room == nullptr) {
    inject_failed(packet);
    return nullptr;
  }
  std::memset(room, 0, headroom);
  std::memcpy(room + headroom, bytes.data(), bytes.size());
  return packet;
}

void PuntPath::on_twin(size_t port) {
  std::array<uint8_t, kLargestFrame> frame;
  for (unsigned i = 0; i < kTurn; ++i) {
    const size_t length = twins_[port]->read(frame);
    if (length == 0) return;
    rte_mbuf* packet = from_kernel(std::span(frame).first(length), 0);
    if (packet == nullptr) continue;
    packet->port = static_cast<uint16_t>(port);
    inject(packet);
  }
}

void PuntPath::on_far() {
  std::array<uint8_t, kLargestFrame> bytes;
  for (unsigned i = 0; i < kTurn; ++i) {
    const size_t length = far_->read(bytes);
    if (length == 0) return;
    const std::span packet_bytes = std::span(bytes).first(length);
    const uint16_t ether_type = add_a_hop(packet_bytes);
    if (ether_type == 0) continue;
    rte_mbuf* packet = from_kernel(packet_bytes, kEthernetHeader);
    if (packet == nullptr) continue;
    uint8_t* ethernet = rte_pktmbuf_mtod(packet, uint8_t*);
    ethernet[kEtherTypeAt] = static_cast<uint8_t>(ether_type >> 8);
    ethernet[kEtherTypeAt + 1] = static_cast<uint8_t>(ether_type);
    // Errors about it are that port's, and go to the router itself.
    const auto own = own_.find(source_of(packet_bytes));
    packet->port = own == own_.end() ? uint16_t{0} : own->second;
    if (!ring_.inject_to_route(packet)) inject_failed(packet);
  }
}

void PuntPath::inject(rte_mbuf* packet) {
  if (!ring_.inject(packet)) inject_failed(packet);
}

void PuntPath::give_up(rte_mbuf* packet, dataplane::DropReason reason) {
  if (!ring_.give_up(packet, reason)) inject_failed(packet);
}

void PuntPath::inject_failed(rte_mbuf* packet) {
  ++counters_.inject_failed;
  rte_pktmbuf_free(packet);
}

}  // namespace ecmpd::control
