// When an ICMP error may be sent about a packet (declared in icmp_error.h).
#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>

#include <algorithm>

#include "dataplane/icmp_error.h"
#include "dataplane/ipv6.h"
#include "hash/ip_layer.h"

namespace ecmpd::dataplane {

namespace {

/// Bytes of the packet that are in the first segment, from `ip` on.
unsigned bytes_at_hand(const rte_mbuf* packet, const uint8_t* ip) {
  return static_cast<unsigned>(rte_pktmbuf_mtod(packet, const uint8_t*) + packet->data_len - ip);
}

/// RFC 1812 section 4.3.2.7: source quench (4) and redirect (5) count.
bool is_error4(uint8_t type) { return (type >= 3 && type <= 5) || type == 11 || type == 12; }

/// RFC 4443 section 2.4(e): types below 128 are errors; 137 is the redirect of RFC 4861.
bool is_error6(uint8_t type) { return type < 128 || type == 137; }

/// RFC 1122 section 3.2.1.3: a source that can be a single host.
bool is_host4(uint32_t address) {
  const uint32_t top = address >> 24;
  return top != 0 && top != 127 && top < 224;
}

bool may_be_answered4(const rte_mbuf* packet, const uint8_t* ip) {
  const auto* header = reinterpret_cast<const rte_ipv4_hdr*>(ip);
  if (!is_host4(rte_be_to_cpu_32(header->src_addr))) return false;
  if (rte_be_to_cpu_32(header->dst_addr) >> 28 >= 0xe) return false;  // multicast, limited broadcast
  if (header->fragment_offset & rte_cpu_to_be_16(RTE_IPV4_HDR_OFFSET_MASK)) return false;
  if (header->next_proto_id != IPPROTO_ICMP) return true;
  // An ICMP message that does not even show its type is not worth the risk.
  const unsigned header_bytes = (header->version_ihl & 0xf) * 4u;
  const unsigned shown = std::min<unsigned>(bytes_at_hand(packet, ip), rte_be_to_cpu_16(header->total_length));
  return shown > header_bytes && !is_error4(ip[header_bytes]);
}

/// RFC 8200 section 4: the headers that may stand before the upper layer's, and their length.
bool is_extension(uint8_t next_header) {
  return next_header == IPPROTO_HOPOPTS || next_header == IPPROTO_ROUTING || next_header == IPPROTO_DSTOPTS ||
         next_header == IPPROTO_FRAGMENT || next_header == IPPROTO_AH;
}
unsigned extension_bytes(uint8_t kind, const uint8_t* extension) {
  if (kind == IPPROTO_FRAGMENT) return 8;
  if (kind == IPPROTO_AH) return (extension[1] + 2u) * 4;  // RFC 4302 section 2.2
  return (extension[1] + 1u) * 8;
}

bool may_be_answered6(const rte_mbuf* packet, const uint8_t* ip, IcmpErrorKind kind) {
  const auto* header = reinterpret_cast<const rte_ipv6_hdr*>(ip);
  const uint8_t* source = header->src_addr;
  // A link-local sender is nowhere in the FIB, and its packets are not ours to forward (RFC 4291 section 2.5.6): that
  // is all that it is told.
  if (source[0] == 0xff || is_link_local6(source) != (kind == IcmpErrorKind::kBeyondScope) ||
      std::all_of(source, source + 16, [](uint8_t byte) { return byte == 0; }))
    return false;
  const unsigned shown = std::min<unsigned>(
      bytes_at_hand(packet, ip), static_cast<unsigned>(sizeof *header) + rte_be_to_cpu_16(header->payload_len));
  // What a chain that is not within the first segment leads to is unknown, and so is what stands behind more headers
  // than the hash looks at: a jumbo frame has room for 1,100 of them, and this comes before the rate limit. Neither is
  // answered.
  unsigned place = sizeof *header;
  uint8_t next = header->proto;
  for (unsigned passed = 0; is_extension(next); ++passed) {
    if (passed == hash::kMaxExtensionHeaders || place + 8 > shown) return false;
    const uint8_t* extension = ip + place;
    const unsigned offset = (extension[2] << 8 | extension[3]) & 0xfff8u;
    if (next == IPPROTO_FRAGMENT && offset != 0) return false;
    place += extension_bytes(next, extension);
    next = extension[0];
  }
  if (next != IPPROTO_ICMPV6) return true;
  return place < shown && !is_error6(ip[place]);
}

}  // namespace

bool may_be_answered(const rte_mbuf* packet, const uint8_t* ip, IcmpErrorKind kind) {
  const auto* ethernet = rte_pktmbuf_mtod(packet, const rte_ether_hdr*);
  const bool v4 = ip[0] >> 4 == 4;
  const bool multicast = rte_is_multicast_ether_addr(&ethernet->dst_addr) || (!v4 && ip[24] == 0xff);
  // That error goes back to the station that sent the frame, which must be one.
  if (kind == IcmpErrorKind::kBeyondScope && !rte_is_unicast_ether_addr(&ethernet->src_addr)) return false;
  // RFC 4443 section 2.4(e.3): path MTU discovery works for IPv6 multicast too (RFC 8201 section 5.1).
  if (multicast && (v4 || kind != IcmpErrorKind::kTooBig)) return false;
  return v4 ? may_be_answered4(packet, ip) : may_be_answered6(packet, ip, kind);
}

}  // namespace ecmpd::dataplane
