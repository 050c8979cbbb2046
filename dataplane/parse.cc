#include <rte_byteorder.h>
#include <rte_ether.h>

#include "dataplane/parse_ipv4.h"
#include "dataplane/parse_ipv6.h"
#include "dataplane/recorder.h"
#include "dataplane/segments.h"
#include "dataplane/stages.h"

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
  const auto* ethernet = rte_pktmbuf_mtod(packet, const rte_ether_hdr*);
  Parsed out;
  Outcome outcome = parse_ethernet(packet, port, out.ip, out.ipv6);
  if (outcome.verdict == Verdict::kContinue) [[likely]] {
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

/// Takes the packets that are not common through the generic path, and closes the gaps that they leave.
void parse_others(Burst& burst, Burst6& burst6, uint64_t common, const PortFacts& port, Exits& exits) {
  unsigned kept = 0;
  uint64_t still_common = 0;
  for (unsigned i = 0; i < burst.count; ++i) {
    rte_mbuf* packet = burst.mbuf[i];
    if (common >> i & 1) {
      burst.mbuf[kept] = packet;
      burst.ip[kept] = burst.ip[i];
      burst.destination[kept] = burst.destination[i];
      burst.key[kept] = burst.key[i];
      still_common |= uint64_t{1} << kept++;
      continue;
    }
    const Parsed parsed = parse_one(packet, port, exits);
    if (!parsed.kept) continue;
    if (parsed.ipv6) {
      const unsigned slot = burst6.count++;
      burst6.mbuf[slot] = packet;
      burst6.ip[slot] = parsed.ip;
      burst6.destination[slot] = parsed.ip + kIpv6DestinationAt;
    } else {
      burst.mbuf[kept] = packet;
      burst.ip[kept] = parsed.ip;
      burst.destination[kept] = parsed.destination;
      burst.key[kept++] = {};
    }
  }
  burst.count = kept;
  burst.common = still_common;
}

}  // namespace

void parse(Burst& burst, Burst6& burst6, const PortFacts& port, Exits& exits) {
  if (burst.recorder != nullptr) [[unlikely]]
    burst.recorder->received({burst.mbuf.data(), burst.count}, port.index);
  burst6.count = 0;
  burst6.common = 0;
  burst.common = burst.kernels->common4(burst, port);
  if (burst.common != first_slots(burst.count)) parse_others(burst, burst6, burst.common, port, exits);
}

}  // namespace ecmpd::dataplane
