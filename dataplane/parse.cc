#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_prefetch.h>

#include <algorithm>

#include "dataplane/parse_ipv4.h"
#include "dataplane/parse_ipv6.h"
#include "dataplane/recorder.h"
#include "dataplane/segments.h"
#include "dataplane/stages.h"

namespace ecmpd::dataplane {

namespace {

constexpr unsigned kEthernetHeader = sizeof(rte_ether_hdr);
constexpr unsigned kPrefetchAhead = 4;
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

}  // namespace

void parse(Burst& burst, Burst6& burst6, const PortFacts& port, Exits& exits) {
  if (burst.recorder != nullptr) [[unlikely]]
    burst.recorder->received({burst.mbuf.data(), burst.count}, port.index);
  for (unsigned i = 0; i < std::min(burst.count, kPrefetchAhead); ++i) {
    rte_prefetch0(rte_pktmbuf_mtod(burst.mbuf[i], const void*));
  }
  unsigned kept = 0;
  unsigned kept6 = 0;
  for (unsigned i = 0; i < burst.count; ++i) {
    if (i + kPrefetchAhead < burst.count) {
      rte_prefetch0(rte_pktmbuf_mtod(burst.mbuf[i + kPrefetchAhead], const void*));
    }
    rte_mbuf* packet = burst.mbuf[i];
    packet->port = raw(port.index);  // punts say where they came in; DPDK's own number is no use to control
    if (packet->nb_segs > 1 && packet->data_len < kHeaders) [[unlikely]]
      pull_up(packet, kHeaders);
    const auto* ethernet = rte_pktmbuf_mtod(packet, const rte_ether_hdr*);
    uint8_t* ip = nullptr;
    uint32_t destination = 0;
    bool ipv6 = false;
    Outcome outcome = parse_ethernet(packet, port, ip, ipv6);
    if (outcome.verdict == Verdict::kContinue) [[likely]] {
      outcome = ipv6 ? parse_ipv6(packet, port, ethernet, ip) : parse_ipv4(packet, ethernet, ip, destination);
    }
    if (outcome.verdict != Verdict::kContinue) [[unlikely]] {
      if (outcome.verdict == Verdict::kDrop) {
        exits.drop(packet, outcome.reason);
      } else {
        exits.punt(packet, outcome.verdict == Verdict::kLocal ? PuntClass::kOther : PuntClass::kNeighborDiscovery);
      }
    } else if (ipv6) {
      burst6.mbuf[kept6] = packet;
      burst6.ip[kept6] = ip;
      burst6.destination[kept6] = ip + kIpv6DestinationAt;
      ++kept6;
    } else {
      burst.mbuf[kept] = packet;
      burst.ip[kept] = ip;
      burst.destination[kept] = destination;
      ++kept;
    }
  }
  burst.count = kept;
  burst6.count = kept6;
}

}  // namespace ecmpd::dataplane
