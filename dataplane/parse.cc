#include <rte_byteorder.h>
#include <rte_ether.h>

#include <algorithm>
#include <bit>

#include "dataplane/classify_frames.h"
#include "dataplane/parse_ipv4.h"
#include "dataplane/parse_ipv6.h"
#include "dataplane/recorder.h"
#include "dataplane/segments.h"
#include "dataplane/stages.h"
#include "dataplane/vlan.h"

namespace ecmpd::dataplane {

namespace {

constexpr unsigned kEthernetHeader = sizeof(rte_ether_hdr);
// What parse, select and rewrite look at: headers with every option, and what an ICMP error quotes of another packet.
constexpr uint16_t kHeaders = 256;

/// What the Ethernet header says; kContinue leaves `ip` behind it, and `ipv6` true for IPv6.
Outcome parse_ethernet(rte_mbuf* packet, const PortFacts& port, uint8_t*& ip, bool& ipv6) {
  if (rte_pktmbuf_data_len(packet) < kEthernetHeader) return drop(DropReason::kEthernetRunt);
  const auto* ethernet = rte_pktmbuf_mtod(packet, const rte_ether_hdr*);
  if (packet->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) return drop(DropReason::kVlanUnknown);
  if (rte_is_unicast_ether_addr(&ethernet->dst_addr) && !rte_is_same_ether_addr(&ethernet->dst_addr, &port.mac)) {
    return drop(DropReason::kEthernetDestination);
  }
  ip = rte_pktmbuf_mtod_offset(packet, uint8_t*, kEthernetHeader);
  switch (rte_be_to_cpu_16(ethernet->ether_type)) {
    case RTE_ETHER_TYPE_IPV4:
      return {};
    case RTE_ETHER_TYPE_IPV6:
      ipv6 = true;
      return {};
    case RTE_ETHER_TYPE_ARP:
      return {Verdict::kNeighborDiscovery, {}};
    case RTE_ETHER_TYPE_VLAN:
    case RTE_ETHER_TYPE_QINQ:
      return drop(DropReason::kVlanUnknown);
    default:
      return drop(DropReason::kEthertypeUnknown);
  }
}

/// The generic path: a packet's family and what the stages need to know of it, or its exit.
struct Parsed {
  bool kept = false;
  bool ipv6 = false;
  uint8_t* ip = nullptr;
  uint32_t destination = 0;
};
Parsed parse_one(rte_mbuf* packet, const PortFacts& port, Exits& exits) {
  if (packet->nb_segs > 1 && packet->data_len < kHeaders) [[unlikely]]
    pull_up(packet, kHeaders);
  Parsed out;
  Outcome outcome = parse_ethernet(packet, port, out.ip, out.ipv6);
  // Where there are sub-ports, the first tag has been looked at before (vlan.h), and a second one is one too many.
  const bool tagged = outcome.verdict == Verdict::kDrop && outcome.reason == DropReason::kVlanUnknown;
  if (tagged && port.vlans == nullptr && port.vlan == 0 && take_priority_tag(packet)) [[unlikely]] {
    outcome = parse_ethernet(packet, port, out.ip, out.ipv6);
  }
  if (outcome.verdict == Verdict::kContinue) [[likely]] {
    const auto* ethernet = rte_pktmbuf_mtod(packet, const rte_ether_hdr*);
    outcome =
        out.ipv6 ? parse_ipv6(packet, port, ethernet, out.ip) : parse_ipv4(packet, ethernet, out.ip, out.destination);
  }
  if (outcome.verdict == Verdict::kContinue) {
    out.kept = true;
  } else if (outcome.verdict == Verdict::kDrop) {
    exits.drop(packet, outcome.reason);
  } else {
    exits.punt(packet, outcome.verdict == Verdict::kLocal ? PuntClass::kOther : PuntClass::kNeighborDiscovery);
  }
  return out;
}

/// Sorts a burst that is not all common IPv4, and closes the gaps: common IPv6 packets, and what the generic path keeps
/// of the others.
void sort(Burst& burst, Burst6& burst6, uint64_t common4, uint64_t common6, const PortFacts& port, Exits& exits) {
  unsigned kept = 0, kept6 = 0;  // never beyond the slot that is looked at
  for (unsigned i = 0; i < burst.count; ++i) {
    rte_mbuf* packet = burst.mbuf[i];
    if (common4 >> i & 1) {
      burst.mbuf[kept] = packet;
      burst.ip[kept] = burst.ip[i];
      burst.destination[kept] = burst.destination[i];
      burst.key[kept] = burst.key[i];
      burst.common |= uint64_t{1} << kept++;
      continue;
    }
    if (common6 >> i & 1) {
      burst6.mbuf[kept6] = packet;
      burst6.ip[kept6] = burst.ip[i];
      burst6.destination[kept6] = burst.ip[i] + kIpv6DestinationAt;
      if (kept6 != i) burst6.key[kept6] = burst6.key[i];
      burst6.common |= uint64_t{1} << kept6++;
      continue;
    }
    packet->port = raw(port.index);
    const Parsed parsed = parse_one(packet, port, exits);
    if (!parsed.kept) continue;
    if (parsed.ipv6) {
      burst6.mbuf[kept6] = packet;
      burst6.ip[kept6] = parsed.ip;
      burst6.destination[kept6] = parsed.ip + kIpv6DestinationAt;
      burst6.key[kept6++] = {};
    } else {
      burst.mbuf[kept] = packet;
      burst.ip[kept] = parsed.ip;
      burst.destination[kept] = parsed.destination;
      burst.key[kept++] = {};
    }
  }
  burst.count = kept;
  burst6.count = kept6;
}

/// The burst when all of it is common IPv6: their keys lie in the right slots. One by one, by sort(), it took 3 cycles
/// a packet more.
void hand_over(Burst& burst, Burst6& burst6) {
  const unsigned count = burst.count;
  std::copy_n(burst.mbuf.begin(), count, burst6.mbuf.begin());
  std::copy_n(burst.ip.begin(), count, burst6.ip.begin());
  for (unsigned i = 0; i < count; ++i) burst6.destination[i] = burst.ip[i] + kIpv6DestinationAt;
  burst6.common = first_slots(count);
  burst6.count = count;
  burst.count = 0;
}

bool is_ipv6(const uint8_t* frame) { return frame[12] == 0x86 && frame[13] == 0xdd; }

/// Whether a frame among these slots says that it is IPv6.
bool any_ipv6(const classify::Frames& frames, uint64_t slots) {
  for (; slots != 0; slots &= slots - 1) {
    if (is_ipv6(frames.start[static_cast<unsigned>(std::countr_zero(slots))])) return true;
  }
  return false;
}

}  // namespace

void parse(Burst& burst, Burst6& burst6, const PortFacts& port, Exits& exits) {
  if (burst.recorder != nullptr) [[unlikely]]
    burst.recorder->received({burst.mbuf.data(), burst.count}, port.index);
  burst6.count = 0;
  burst6.common = 0;
  if (burst.count == 0) return;
  classify::Frames frames;
  burst.in = burst6.in = port.index;
  burst.bytes = classify::find_frames(burst, frames);
  const uint64_t all = first_slots(burst.count);
  uint64_t common4 = 0, common6 = 0;
  // Bursts of one family are usual. The kernels may come in any order: a packet is common for one at most.
  const bool ipv6_first = is_ipv6(frames.start[0]);
  if (!ipv6_first) {
    common4 = burst.kernels->common4(burst, port, frames);
    burst.common = common4;
    if (common4 == all) return;
  }
  if (any_ipv6(frames, all & ~common4)) common6 = burst.kernels->common6(burst, burst6, port, frames);
  if (common6 == all) return hand_over(burst, burst6);
  if (ipv6_first) common4 = burst.kernels->common4(burst, port, frames);
  burst.common = 0;
  sort(burst, burst6, common4, common6, port, exits);
}

}  // namespace ecmpd::dataplane
