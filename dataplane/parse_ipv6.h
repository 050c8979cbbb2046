// Validation of an IPv6 packet before it may be forwarded (RFC 8200 section 3, RFC 4291 section 2), and what of the
// link's own traffic is for the router itself.
//
// Extension headers are not looked at: a router forwards by the fixed header alone, and may leave hop-by-hop options
// alone too (RFC 8200 section 4.3). Who needs to look behind them is the key. Worker only; inline, as a part of the
// parse stage.
#pragma once

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <cstring>

#include "dataplane/ipv6.h"
#include "dataplane/outcome.h"
#include "dataplane/port.h"

namespace ecmpd::dataplane {

/// All-nodes, or the solicited-node group of one of the port's addresses (RFC 4291 section 2.7.1): what the router
/// listens to as a host.
inline bool listens_to(const PortFacts& port, const uint8_t* group) {
  static constexpr uint8_t kAllNodes[16] = {0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  static constexpr uint8_t kSolicited[13] = {0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff};
  if (port.addresses6.empty()) return false;
  if (std::memcmp(group, kAllNodes, sizeof kAllNodes) == 0) return true;
  if (std::memcmp(group, kSolicited, sizeof kSolicited) != 0) return false;
  return std::any_of(port.addresses6.begin(), port.addresses6.end(),
                     [group](const auto& own) { return std::memcmp(&own[13], group + 13, 3) == 0; });
}

inline bool is_own_address(const PortFacts& port, const uint8_t* address) {
  return std::any_of(port.addresses6.begin(), port.addresses6.end(),
                     [address](const auto& own) { return std::memcmp(own.data(), address, own.size()) == 0; });
}

/// Destinations that the FIB knows nothing of, because they mean this link only.
inline Outcome parse_link_scope(const PortFacts& port, const uint8_t* ip, unsigned available) {
  const uint8_t* to = ip + kIpv6DestinationAt;
  if (is_multicast6(to)) {
    if (!listens_to(port, to)) return drop(DropReason::kIpv6Multicast);
  } else if (!is_own_address(port, to)) {
    return drop(DropReason::kIpv6Scope);
  }
  return {is_neighbor_discovery(ip, available) ? Verdict::kNeighborDiscovery : Verdict::kLocal, {}};
}

/// `ip` is in the packet's first segment, behind an Ethernet header. On kContinue Ethernet padding is gone.
inline Outcome parse_ipv6(rte_mbuf* packet, const PortFacts& port, const rte_ether_hdr* ethernet, const uint8_t* ip) {
  const unsigned available = rte_pktmbuf_data_len(packet) - static_cast<unsigned>(sizeof *ethernet);
  if (available < kIpv6Header) return drop(DropReason::kEthernetRunt);
  const auto* header = reinterpret_cast<const rte_ipv6_hdr*>(ip);
  if (ip[0] >> 4 != 6) return drop(DropReason::kIpv6Version);
  const unsigned payload = rte_be_to_cpu_16(header->payload_len);
  const unsigned total = kIpv6Header + payload;
  const unsigned frame = rte_pktmbuf_pkt_len(packet) - static_cast<unsigned>(sizeof *ethernet);
  // Hop-by-hop options in no payload are a jumbogram (RFC 2675), which no port's MTU admits.
  if (total > frame || (payload == 0 && header->proto == IPPROTO_HOPOPTS)) return drop(DropReason::kIpv6PayloadLength);

  const uint8_t* from = ip + kIpv6SourceAt;
  const uint8_t* to = ip + kIpv6DestinationAt;
  const Lowest source = lowest6(from);
  if (is_multicast6(from) || source == Lowest::kLoopback) return drop(DropReason::kIpv6Source);
  // A host that makes sure of its new address asks from :: (RFC 4862 section 5.4.2), by multicast only.
  if (source == Lowest::kUnspecified && !is_multicast6(to)) return drop(DropReason::kIpv6Source);
  if (is_multicast6(to) || is_link_local6(to)) return parse_link_scope(port, ip, available);
  if (lowest6(to) != Lowest::kNeither) return drop(DropReason::kIpv6Destination);
  if (rte_is_multicast_ether_addr(&ethernet->dst_addr)) return drop(DropReason::kIpv6Broadcast);
  if (total < frame && packet->nb_segs == 1) rte_pktmbuf_trim(packet, static_cast<uint16_t>(frame - total));
  return {};
}

}  // namespace ecmpd::dataplane
