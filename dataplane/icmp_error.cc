#include "dataplane/icmp_error.h"

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_icmp.h>
#include <rte_ip.h>

#include <algorithm>
#include <cstring>

#include "dataplane/segments.h"

namespace ecmpd::dataplane {

namespace {

constexpr unsigned kIcmpHeader = 8;             // of every error, in both families: type, code, checksum, a word
constexpr unsigned kLargestError4 = 576;        // RFC 1812 section 4.3.2.3
constexpr unsigned kLargestError6 = 1280;       // RFC 4443 section 2.4(c)
constexpr uint8_t kInternetworkControl = 0xc0;  // RFC 1812 section 4.3.2.5: precedence 6, no other type of service
constexpr uint8_t kHopLimit = 64 + 1;           // rewrite takes one

struct TypeAndCode {
  uint8_t type;
  uint8_t code;
};
constexpr TypeAndCode kIcmp[kIcmpErrorKindCount] = {{11, 0}, {3, 0}, {3, 1}, {3, 4}, {}};  // by IcmpErrorKind
constexpr TypeAndCode kIcmp6[kIcmpErrorKindCount] = {{3, 0}, {1, 0}, {1, 3}, {2, 0}, {1, 2}};

/// The ICMP header; its checksum is filled in later.
void write_icmp(uint8_t* icmp, TypeAndCode what, uint32_t word) {
  icmp[0] = what.type;
  icmp[1] = what.code;
  icmp[2] = icmp[3] = 0;
  const rte_be32_t value = rte_cpu_to_be_32(word);
  std::memcpy(icmp + 4, &value, sizeof value);
}

/// Cuts the packet to what is quoted of it and makes room for the headers; returns the place of the IP header.
uint8_t* quote(rte_mbuf* packet, const uint8_t* ip, unsigned total, unsigned most, unsigned ip_header,
               rte_be16_t ether_type) {
  const auto before = static_cast<uint16_t>(ip - rte_pktmbuf_mtod(packet, const uint8_t*));
  const unsigned headers = static_cast<unsigned>(sizeof(rte_ether_hdr)) + ip_header + kIcmpHeader;
  if (rte_pktmbuf_headroom(packet) + before < headers) return nullptr;
  rte_pktmbuf_adj(packet, before);
  keep_first(packet, std::min({total, most - ip_header - kIcmpHeader, rte_pktmbuf_pkt_len(packet)}));
  auto* ethernet = reinterpret_cast<rte_ether_hdr*>(rte_pktmbuf_prepend(packet, static_cast<uint16_t>(headers)));
  std::memset(ethernet, 0, sizeof *ethernet);
  ethernet->ether_type = ether_type;
  // Nothing that the device said of the old packet holds for the new one.
  packet->ol_flags = 0;
  packet->packet_type = 0;
  packet->tx_offload = 0;
  return reinterpret_cast<uint8_t*>(ethernet + 1);
}

/// RFC 1071 over the packet from `offset` on, which is in its first segment, with `sum` to begin with; the checksum
/// that goes into the header. Not rte_raw_cksum_mbuf(): DPDK 22.11's loses carries where a segment begins at an odd
/// byte.
uint16_t checksum_from(const rte_mbuf* packet, uint32_t offset, uint32_t sum) {
  bool odd = false;
  for (const rte_mbuf* segment = packet; segment != nullptr; segment = segment->next, offset = 0) {
    const uint32_t bytes = segment->data_len - offset;
    const uint16_t part = rte_raw_cksum(rte_pktmbuf_mtod_offset(segment, const void*, offset), bytes);
    sum += odd ? rte_bswap16(part) : part;
    odd ^= (bytes & 1) != 0;
  }
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

}  // namespace

std::optional<IcmpErrorKind> icmp_error_about(DropReason reason) {
  switch (reason) {
    case DropReason::kTtlExpired:
      return IcmpErrorKind::kTimeExceeded;
    case DropReason::kNoRoute:
      return IcmpErrorKind::kNoRoute;
    case DropReason::kUnresolved:
      return IcmpErrorKind::kUnreachable;
    case DropReason::kMtuExceeded:
      return IcmpErrorKind::kTooBig;
    case DropReason::kIpv6Scope:
      return IcmpErrorKind::kBeyondScope;
    default:
      return std::nullopt;
  }
}

uint8_t* make_icmp_error4(rte_mbuf* packet, const uint8_t* ip, IcmpErrorKind kind, uint32_t source, uint16_t mtu,
                          uint16_t id) {
  const auto* about = reinterpret_cast<const rte_ipv4_hdr*>(ip);
  const rte_be32_t sender = about->src_addr;
  uint8_t* out = quote(packet, ip, rte_be_to_cpu_16(about->total_length), kLargestError4, sizeof(rte_ipv4_hdr),
                       rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4));
  if (out == nullptr) return nullptr;
  const uint32_t total = packet->pkt_len - static_cast<uint32_t>(sizeof(rte_ether_hdr));
  auto* header = reinterpret_cast<rte_ipv4_hdr*>(out);
  std::memset(header, 0, sizeof *header);
  header->version_ihl = RTE_IPV4_VHL_DEF;
  header->type_of_service = kInternetworkControl;
  header->total_length = rte_cpu_to_be_16(static_cast<uint16_t>(total));
  header->packet_id = rte_cpu_to_be_16(id);
  header->time_to_live = kHopLimit;
  header->next_proto_id = IPPROTO_ICMP;
  header->src_addr = rte_cpu_to_be_32(source);
  header->dst_addr = sender;
  header->hdr_checksum = rte_ipv4_cksum(header);
  uint8_t* icmp = out + sizeof *header;
  write_icmp(icmp, kIcmp[static_cast<size_t>(kind)], kind == IcmpErrorKind::kTooBig ? mtu : 0);  // RFC 1191 section 4
  const uint16_t sum = checksum_from(packet, sizeof(rte_ether_hdr) + sizeof *header, 0);
  std::memcpy(icmp + 2, &sum, sizeof sum);
  return out;
}

uint8_t* make_icmp_error6(rte_mbuf* packet, const uint8_t* ip, IcmpErrorKind kind, const uint8_t* source,
                          uint16_t mtu) {
  const auto* about = reinterpret_cast<const rte_ipv6_hdr*>(ip);
  uint8_t sender[16];
  std::memcpy(sender, about->src_addr, sizeof sender);
  const unsigned about_bytes = static_cast<unsigned>(sizeof *about) + rte_be_to_cpu_16(about->payload_len);
  uint8_t* out =
      quote(packet, ip, about_bytes, kLargestError6, sizeof(rte_ipv6_hdr), rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV6));
  if (out == nullptr) return nullptr;
  const uint32_t payload = packet->pkt_len - static_cast<uint32_t>(sizeof(rte_ether_hdr) + sizeof(rte_ipv6_hdr));
  auto* header = reinterpret_cast<rte_ipv6_hdr*>(out);
  header->vtc_flow = rte_cpu_to_be_32(6u << 28 | uint32_t{kInternetworkControl} << 20);
  header->payload_len = rte_cpu_to_be_16(static_cast<uint16_t>(payload));
  header->proto = IPPROTO_ICMPV6;
  header->hop_limits = kHopLimit;
  std::memcpy(header->src_addr, source, 16);
  std::memcpy(header->dst_addr, sender, 16);
  uint8_t* icmp = out + sizeof *header;
  write_icmp(icmp, kIcmp6[static_cast<size_t>(kind)], kind == IcmpErrorKind::kTooBig ? mtu : 0);
  const uint16_t sum = checksum_from(packet, sizeof(rte_ether_hdr) + sizeof *header, rte_ipv6_phdr_cksum(header, 0));
  std::memcpy(icmp + 2, &sum, sizeof sum);
  return out;
}

}  // namespace ecmpd::dataplane
