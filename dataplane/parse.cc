#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_prefetch.h>

#include <algorithm>
#include <cstring>

#include "dataplane/segments.h"
#include "dataplane/stages.h"

namespace ecmpd::dataplane {

namespace {

constexpr unsigned kEthernetHeader = sizeof(rte_ether_hdr);
constexpr unsigned kMinIpv4Header = sizeof(rte_ipv4_hdr);
constexpr unsigned kPrefetchAhead = 4;
// What parse, select and rewrite look at: headers with every option, and what an ICMP error quotes of another packet.
constexpr uint16_t kHeaders = 256;

enum class Verdict : uint8_t { kContinue, kNeighborDiscovery, kLocal, kDrop };
struct Outcome {
  Verdict verdict = Verdict::kContinue;
  DropReason reason{};
};
constexpr Outcome drop(DropReason reason) { return {Verdict::kDrop, reason}; }

/// RFC 1812 section 5.3.7: 0/8, 127/8, 224/4 and 240/4 (which holds 255.255.255.255) never send.
bool is_martian_source(uint32_t address) {
  const uint32_t top = address >> 24;
  return top == 0 || top == 127 || top >= 224;
}

/// Sum of the header's words; a correct header gives 0xffff (RFC 1071).
bool checksum_is_correct(const uint8_t* ip, unsigned header_bytes) {
  uint64_t sum = 0;
  for (unsigned i = 0; i < header_bytes; i += 4) {
    uint32_t word;
    std::memcpy(&word, ip + i, sizeof word);
    sum += word;
  }
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return sum == 0xffff;
}

Outcome parse_ipv4(rte_mbuf* packet, const rte_ether_hdr* ethernet, uint8_t* ip, uint32_t& destination) {
  const unsigned available = rte_pktmbuf_data_len(packet) - kEthernetHeader;
  if (available < kMinIpv4Header) return drop(DropReason::kEthernetRunt);
  const auto* header = reinterpret_cast<const rte_ipv4_hdr*>(ip);
  if (header->version_ihl >> 4 != 4) return drop(DropReason::kIpv4Version);
  const unsigned header_bytes = (header->version_ihl & 0xf) * 4u;
  if (header_bytes < kMinIpv4Header || header_bytes > available) return drop(DropReason::kIpv4HeaderLength);
  const unsigned total = rte_be_to_cpu_16(header->total_length);
  const unsigned frame = rte_pktmbuf_pkt_len(packet) - kEthernetHeader;
  if (total < header_bytes || total > frame) return drop(DropReason::kIpv4TotalLength);
  if (!checksum_is_correct(ip, header_bytes)) return drop(DropReason::kIpv4Checksum);

  const uint32_t source = rte_be_to_cpu_32(header->src_addr);
  destination = rte_be_to_cpu_32(header->dst_addr);
  if (is_martian_source(source)) return drop(DropReason::kIpv4Source);
  const uint32_t top = destination >> 24;
  if (destination == 0xffffffff) return drop(DropReason::kIpv4Broadcast);
  if (top >= 224 && top < 240) return drop(DropReason::kIpv4Multicast);
  if (top == 0 || top == 127 || top >= 240) return drop(DropReason::kIpv4Destination);
  if (rte_is_multicast_ether_addr(&ethernet->dst_addr)) return drop(DropReason::kIpv4Broadcast);
  // Ethernet padding is not part of the packet and does not travel on.
  if (total < frame) keep_first(packet, kEthernetHeader + total);
  return {};
}

/// IPv6 is not routed; what the router's own kernel side needs to answer neighbors passes: link-local and multicast.
Outcome parse_ipv6(const rte_mbuf* packet, const uint8_t* ip) {
  const unsigned available = rte_pktmbuf_data_len(packet) - kEthernetHeader;
  if (available < sizeof(rte_ipv6_hdr)) return drop(DropReason::kEthernetRunt);
  const auto* header = reinterpret_cast<const rte_ipv6_hdr*>(ip);
  const uint8_t* to = header->dst_addr;
  const bool link_scope = (to[0] == 0xfe && (to[1] & 0xc0) == 0x80) || (to[0] == 0xff && (to[1] & 0x0f) == 2);
  const bool discovery = header->proto == IPPROTO_ICMPV6 && available >= sizeof(rte_ipv6_hdr) + 1 &&
                         ip[sizeof(rte_ipv6_hdr)] >= 133 && ip[sizeof(rte_ipv6_hdr)] <= 137;  // RFC 4861
  if (discovery) return {Verdict::kNeighborDiscovery, {}};
  return link_scope ? Outcome{Verdict::kLocal, {}} : drop(DropReason::kIpv6NotRouted);
}

Outcome parse_frame(rte_mbuf* packet, const PortFacts& port, uint8_t*& ip, uint32_t& destination) {
  if (rte_pktmbuf_data_len(packet) < kEthernetHeader) return drop(DropReason::kEthernetRunt);
  const auto* ethernet = rte_pktmbuf_mtod(packet, const rte_ether_hdr*);
  if (packet->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) return drop(DropReason::kVlanUnknown);
  if (rte_is_unicast_ether_addr(&ethernet->dst_addr) && !rte_is_same_ether_addr(&ethernet->dst_addr, &port.mac)) {
    return drop(DropReason::kEthernetDestination);
  }
  ip = rte_pktmbuf_mtod_offset(packet, uint8_t*, kEthernetHeader);
  switch (rte_be_to_cpu_16(ethernet->ether_type)) {
    case RTE_ETHER_TYPE_IPV4:
      return parse_ipv4(packet, ethernet, ip, destination);
    case RTE_ETHER_TYPE_ARP:
      return {Verdict::kNeighborDiscovery, {}};
    case RTE_ETHER_TYPE_IPV6:
      return parse_ipv6(packet, ip);
    case RTE_ETHER_TYPE_VLAN:
    case RTE_ETHER_TYPE_QINQ:
      return drop(DropReason::kVlanUnknown);
    default:
      return drop(DropReason::kEthertypeUnknown);
  }
}

}  // namespace

void parse(Burst& burst, const PortFacts& port, Exits& exits) {
  for (unsigned i = 0; i < std::min(burst.count, kPrefetchAhead); ++i) {
    rte_prefetch0(rte_pktmbuf_mtod(burst.mbuf[i], const void*));
  }
  unsigned kept = 0;
  for (unsigned i = 0; i < burst.count; ++i) {
    if (i + kPrefetchAhead < burst.count) {
      rte_prefetch0(rte_pktmbuf_mtod(burst.mbuf[i + kPrefetchAhead], const void*));
    }
    rte_mbuf* packet = burst.mbuf[i];
    packet->port = raw(port.index);  // punts say where they came in; DPDK's own number is no use to control
    if (packet->nb_segs > 1 && packet->data_len < kHeaders) [[unlikely]]
      pull_up(packet, kHeaders);
    uint8_t* ip = nullptr;
    uint32_t destination = 0;
    const Outcome outcome = parse_frame(packet, port, ip, destination);
    if (outcome.verdict == Verdict::kContinue) [[likely]] {
      burst.mbuf[kept] = packet;
      burst.ip[kept] = ip;
      burst.destination[kept] = destination;
      ++kept;
    } else if (outcome.verdict == Verdict::kDrop) {
      exits.drop(packet, outcome.reason);
    } else {
      exits.punt(packet, outcome.verdict == Verdict::kLocal ? PuntClass::kOther : PuntClass::kNeighborDiscovery);
    }
  }
  burst.count = kept;
}

}  // namespace ecmpd::dataplane
