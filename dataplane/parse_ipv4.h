// Validation of an IPv4 packet before it may be forwarded (RFC 1812 section 5.2.2).
//
// Worker only; inline, as a part of the parse stage.
#pragma once

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_mbuf_ptype.h>

#include <cstring>

#include "dataplane/outcome.h"
#include "dataplane/segments.h"

namespace ecmpd::dataplane {

/// RFC 1812 section 5.3.7: 0/8, 127/8, 224/4 and 240/4 (which holds 255.255.255.255) never send.
inline bool is_martian_source(uint32_t address) {
  const uint32_t top = address >> 24;
  return top == 0 || top == 127 || top >= 224;
}

/// Sum of the header's words; a correct header gives 0xffff (RFC 1071).
inline bool checksum_is_correct(const uint8_t* ip, unsigned header_bytes) {
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

/// The device has found the header checksum right. Only that is believed: where a device reads into a tunnel, what it
/// says is about the inner header, which is not ours to judge. Most packets of drivers without a device have no state.
inline bool device_verified(const rte_mbuf* packet) {
  constexpr uint64_t kFlags = RTE_MBUF_F_RX_IP_CKSUM_MASK | RTE_MBUF_F_RX_OUTER_IP_CKSUM_BAD;
  return (packet->ol_flags & kFlags) == RTE_MBUF_F_RX_IP_CKSUM_GOOD && !RTE_ETH_IS_TUNNEL_PKT(packet->packet_type);
}

/// `ip` is in the packet's first segment, behind an Ethernet header. On kContinue `destination` is filled (host byte
/// order) and Ethernet padding is gone.
inline Outcome parse_ipv4(rte_mbuf* packet, const rte_ether_hdr* ethernet, uint8_t* ip, uint32_t& destination) {
  const unsigned available = rte_pktmbuf_data_len(packet) - static_cast<unsigned>(sizeof *ethernet);
  if (available < sizeof(rte_ipv4_hdr)) return drop(DropReason::kEthernetRunt);
  const auto* header = reinterpret_cast<const rte_ipv4_hdr*>(ip);
  if (header->version_ihl >> 4 != 4) return drop(DropReason::kIpv4Version);
  const unsigned header_bytes = (header->version_ihl & 0xf) * 4u;
  if (header_bytes < sizeof(rte_ipv4_hdr) || header_bytes > available) return drop(DropReason::kIpv4HeaderLength);
  const unsigned total = rte_be_to_cpu_16(header->total_length);
  const unsigned frame = rte_pktmbuf_pkt_len(packet) - static_cast<unsigned>(sizeof *ethernet);
  if (total < header_bytes || total > frame) return drop(DropReason::kIpv4TotalLength);
  if (!device_verified(packet) && !checksum_is_correct(ip, header_bytes)) return drop(DropReason::kIpv4Checksum);

  const uint32_t source = rte_be_to_cpu_32(header->src_addr);
  destination = rte_be_to_cpu_32(header->dst_addr);
  if (is_martian_source(source)) return drop(DropReason::kIpv4Source);
  const uint32_t top = destination >> 24;
  if (destination == 0xffffffff) return drop(DropReason::kIpv4Broadcast);
  if (top >= 224 && top < 240) return drop(DropReason::kIpv4Multicast);
  if (top == 0 || top == 127 || top >= 240) return drop(DropReason::kIpv4Destination);
  if (rte_is_multicast_ether_addr(&ethernet->dst_addr)) return drop(DropReason::kIpv4Broadcast);
  // Ethernet padding is not part of the packet and does not travel on.
  if (total < frame) keep_first(packet, static_cast<unsigned>(sizeof *ethernet) + total);
  return {};
}

}  // namespace ecmpd::dataplane
