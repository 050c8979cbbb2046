#include "dataplane/vlan.h"

#include <rte_byteorder.h>
#include <rte_ether.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace ecmpd::dataplane {

namespace {

constexpr uint16_t kIdMask = 0x0fff;  // besides it, the TCI has priority and drop eligibility
constexpr unsigned kTaggedHeader = sizeof(rte_ether_hdr) + sizeof(rte_vlan_hdr);

/// What the outer tag says, in the frame or taken off by the device.
std::optional<uint16_t> tci_of(const rte_mbuf* packet) {
  if ((packet->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) != 0) return packet->vlan_tci;
  if (rte_pktmbuf_data_len(packet) < kTaggedHeader) return std::nullopt;
  const auto* ethernet = rte_pktmbuf_mtod(packet, const rte_ether_hdr*);
  if (ethernet->ether_type != rte_cpu_to_be_16(RTE_ETHER_TYPE_VLAN)) return std::nullopt;
  return rte_be_to_cpu_16(reinterpret_cast<const rte_vlan_hdr*>(ethernet + 1)->vlan_tci);
}

/// Takes off the tag that says `tci`, unless the device did. Its priority stays with the packet, which RX_VLAN says.
void take_off(rte_mbuf* packet, uint16_t tci) {
  if ((packet->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) == 0) rte_vlan_strip(packet);
  packet->vlan_tci = tci;
  packet->ol_flags = (packet->ol_flags & ~RTE_MBUF_F_RX_VLAN_STRIPPED) | RTE_MBUF_F_RX_VLAN;
}

/// The port that a frame of the trunk belongs to, its tag taken off; the trunk for one without a tag that we know.
const PortFacts* untag(rte_mbuf* packet, const PortFacts& trunk) {
  const auto tci = tci_of(packet);
  if (!tci) return &trunk;
  const uint16_t id = *tci & kIdMask;
  const PortFacts* port = id == 0 ? &trunk : trunk.vlans->port[id];
  if (port == nullptr) return &trunk;
  take_off(packet, *tci);
  return port;
}

}  // namespace

VlanSort::VlanSort(const Burst& burst, const PortFacts& trunk, WorkerCounters& counters) : count_(burst.count) {
  for (unsigned i = 0; i < count_; ++i) {
    const uint64_t bytes = burst.mbuf[i]->pkt_len;  // as on the wire
    packets_[i] = burst.mbuf[i];
    ports_[i] = untag(packets_[i], trunk);
    TrafficCounter& received = counters.port[raw(ports_[i]->index)].rx;
    received.packets.add(1);
    received.bytes.add(bytes);
  }
}

const PortFacts* VlanSort::next(Burst& burst) {
  while (first_ < count_ && ports_[first_] == nullptr) ++first_;
  if (first_ == count_) return nullptr;
  const PortFacts* port = ports_[first_];
  burst.count = 0;
  for (unsigned i = first_; i < count_; ++i) {
    if (ports_[i] != port) continue;
    burst.mbuf[burst.count++] = packets_[i];
    ports_[i] = nullptr;
  }
  return port;
}

bool has_priority_tag(const rte_mbuf* packet) {
  const auto tci = tci_of(packet);
  return (packet->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) == 0 && tci && (*tci & kIdMask) == 0;
}

WithoutTag::WithoutTag(rte_mbuf* packet, bool tagged) : packet_(tagged ? packet : nullptr) {
  if (!tagged) return;
  auto* frame = rte_pktmbuf_mtod(packet, uint8_t*);
  std::copy_n(frame + 2 * RTE_ETHER_ADDR_LEN, kTag, tag_.begin());
  std::memmove(frame + kTag, frame, 2 * RTE_ETHER_ADDR_LEN);
  rte_pktmbuf_adj(packet, kTag);
}

WithoutTag::~WithoutTag() {
  if (packet_ == nullptr) return;
  auto* frame = reinterpret_cast<uint8_t*>(rte_pktmbuf_prepend(packet_, kTag));  // the bytes are still there
  std::memmove(frame, frame + kTag, 2 * RTE_ETHER_ADDR_LEN);
  std::ranges::copy(tag_, frame + 2 * RTE_ETHER_ADDR_LEN);
}

bool take_priority_tag(rte_mbuf* packet) {
  const auto tci = tci_of(packet);
  if (!tci || (*tci & kIdMask) != 0) return false;
  take_off(packet, *tci);
  return true;
}

bool put_tag(rte_mbuf* packet, const PortFacts& port) {
  // Without the flag the field is whatever the device left there.
  const unsigned priority = (packet->ol_flags & RTE_MBUF_F_RX_VLAN) != 0 ? packet->vlan_tci & ~kIdMask : 0u;
  packet->vlan_tci = static_cast<uint16_t>(priority | port.vlan);
  if (port.inserts_tag) {
    packet->ol_flags |= RTE_MBUF_F_TX_VLAN;
    return true;
  }
  return rte_vlan_insert(&packet) == 0;
}

}  // namespace ecmpd::dataplane
