#include "dataplane/punt.h"

#include <rte_arp.h>
#include <rte_byteorder.h>
#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "dataplane/tsan.h"

namespace ecmpd::dataplane {

namespace {
// Packets a second and burst of each class. Neighbor discovery: some thousand nodes probed once a second. Priority: the
// route exchange at full speed. The rest: enough for ping and traceroute of a lab, little enough for a control thread
// that shares its core. Glean: each packet may start an address resolution.
struct Rate {
  uint64_t packets_per_second;
  uint64_t burst;
};
constexpr std::array<Rate, kPuntClassCount> kRates = {{{5000, 2048}, {100000, 8192}, {5000, 1024}, {1000, 512}}};

constexpr uint8_t kNeighborAdvertisement = 136;  // RFC 4861 section 4.4

/// Of neighbor discovery: an ARP reply, or an advertisement.
bool is_answer(const rte_mbuf* packet) {
  const auto* ethernet = rte_pktmbuf_mtod(packet, const rte_ether_hdr*);
  const unsigned available = rte_pktmbuf_data_len(packet);
  if (ethernet->ether_type == rte_cpu_to_be_16(RTE_ETHER_TYPE_ARP)) {
    const auto* arp = rte_pktmbuf_mtod_offset(packet, const rte_arp_hdr*, sizeof *ethernet);
    return available >= sizeof *ethernet + sizeof *arp && arp->arp_opcode == rte_cpu_to_be_16(RTE_ARP_OP_REPLY);
  }
  constexpr unsigned kType = sizeof(rte_ether_hdr) + sizeof(rte_ipv6_hdr);
  return available > kType && *rte_pktmbuf_mtod_offset(packet, const uint8_t*, kType) == kNeighborAdvertisement;
}

unsigned lane_of(PuntClass punt_class) {
  return punt_class == PuntClass::kNeighborDiscovery || punt_class == PuntClass::kPriority ? 0 : 1;
}

/// What the sender did to the packet happens before what the receiver does to it.
bool enqueue(rte_ring* ring, rte_mbuf* packet) {
  tsan::release(ring);
  const tsan::Unwatched ring_itself;
  return rte_ring_enqueue(ring, packet) == 0;
}

unsigned dequeue(rte_ring* ring, std::span<rte_mbuf*> packets) {
  const auto room = static_cast<unsigned>(packets.size());
  unsigned count;
  {
    const tsan::Unwatched ring_itself;
    count = rte_ring_dequeue_burst(ring, reinterpret_cast<void**>(packets.data()), room, nullptr);
  }
  tsan::acquire(ring);
  return count;
}
}  // namespace

tl::expected<std::unique_ptr<PuntRing>, std::string> PuntRing::create(const std::string& name, unsigned ports) {
  std::unique_ptr<PuntRing> ring(new PuntRing);
  const auto make = [&name](const std::string& part, unsigned flags) {
    return rte_ring_create((name + part).c_str(), kLaneSize, SOCKET_ID_ANY, flags);
  };
  ring->lanes_[0] = make("_up0", RING_F_SC_DEQ);
  ring->lanes_[1] = make("_up1", RING_F_SC_DEQ);
  ring->down_ = make("_down", RING_F_SP_ENQ | RING_F_SC_DEQ);
  if (!ring->lanes_[0] || !ring->lanes_[1] || !ring->down_) {
    return tl::unexpected(std::string("cannot create the punt rings: ") + rte_strerror(rte_errno));
  }
  for (unsigned i = 0; i < kPuntClassCount; ++i) {
    ring->policers_[i] = std::make_unique<Policer>(kRates[i].packets_per_second, kRates[i].burst);
  }
  const Rate discovery = kRates[static_cast<size_t>(PuntClass::kNeighborDiscovery)];
  for (unsigned i = 0; i < 2 * ports; ++i) {
    ring->discovery_.push_back(std::make_unique<Policer>(discovery.packets_per_second, discovery.burst));
  }
  ring->event_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (ring->event_fd_ < 0) return tl::unexpected(std::string("eventfd: ") + std::strerror(errno));
  return ring;
}

PuntRing::~PuntRing() {
  for (rte_ring* ring : {lanes_[0], lanes_[1], down_}) {
    if (ring == nullptr) continue;
    void* packet;
    while (rte_ring_dequeue(ring, &packet) == 0) rte_pktmbuf_free(static_cast<rte_mbuf*>(packet));
    rte_ring_free(ring);
  }
  if (event_fd_ >= 0) close(event_fd_);
}

Policer& PuntRing::policer(const rte_mbuf* packet, PuntClass punt_class) {
  if (punt_class != PuntClass::kNeighborDiscovery) return *policers_[static_cast<size_t>(punt_class)];
  return *discovery_[2 * packet->port + (is_answer(packet) ? 1 : 0)];
}

PuntResult PuntRing::put(rte_mbuf* packet, PuntClass punt_class) {
  if (!policer(packet, punt_class).admit(rte_rdtsc())) return PuntResult::kPoliced;
  packet->hash.usr = static_cast<uint32_t>(punt_class);
  if (!enqueue(lanes_[lane_of(punt_class)], packet)) return PuntResult::kRingFull;
  // The exchange orders the enqueue before the flag, as acknowledge() orders the flag before the dequeue.
  if (!signalled_.exchange(true, std::memory_order_seq_cst)) signal();
  return PuntResult::kTaken;
}

void PuntRing::signal() {
  const uint64_t one = 1;
  // Fails only when the counter is at its maximum, and then the descriptor is readable anyway.
  [[maybe_unused]] const ssize_t written = write(event_fd_, &one, sizeof one);
}

void PuntRing::acknowledge() {
  uint64_t count;
  [[maybe_unused]] const ssize_t got = read(event_fd_, &count, sizeof count);
  // A read-modify-write, not a store: it sees the flag of a worker that did not signal, and with it that one's packet.
  signalled_.exchange(false, std::memory_order_seq_cst);
}

unsigned PuntRing::take(unsigned lane, std::span<rte_mbuf*> packets) { return dequeue(lanes_[lane], packets); }

unsigned PuntRing::take_injected(std::span<rte_mbuf*> packets) { return dequeue(down_, packets); }

bool PuntRing::inject(rte_mbuf* packet) {
  packet->hash.usr = kToSend;
  return enqueue(down_, packet);
}

bool PuntRing::inject_to_route(rte_mbuf* packet) {
  packet->hash.usr = kToRoute;
  return enqueue(down_, packet);
}

bool PuntRing::give_up(rte_mbuf* packet, DropReason reason) {
  packet->hash.usr = static_cast<uint32_t>(reason);
  return enqueue(down_, packet);
}

}  // namespace ecmpd::dataplane
