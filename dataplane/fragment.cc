// rte_ipv4_fragment_copy_nonseg_packet is experimental in DPDK 22.11. Its stable sister makes chains of indirect mbufs,
// which net_af_xdp and some virtual devices do not send.
#ifndef ALLOW_EXPERIMENTAL_API
#define ALLOW_EXPERIMENTAL_API
#endif
#include "dataplane/fragment.h"

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_ip_frag.h>

#include <cerrno>

namespace ecmpd::dataplane {

bool may_be_fragmented(const rte_mbuf* packet) {
  constexpr unsigned kHeaders = sizeof(rte_ether_hdr) + sizeof(rte_ipv4_hdr);
  if (packet->data_len < kHeaders) return false;
  const auto* ethernet = rte_pktmbuf_mtod(packet, const rte_ether_hdr*);
  if (ethernet->ether_type != rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4)) return false;
  const auto* ip = reinterpret_cast<const rte_ipv4_hdr*>(ethernet + 1);
  return (ip->fragment_offset & rte_cpu_to_be_16(RTE_IPV4_HDR_DF_FLAG)) == 0;
}

tl::expected<unsigned, DropReason> fragment(rte_mbuf* packet, uint16_t mtu, std::span<rte_mbuf*, kMaxFragments> out) {
  const rte_ether_hdr ethernet = *rte_pktmbuf_mtod(packet, const rte_ether_hdr*);
  rte_pktmbuf_adj(packet, sizeof ethernet);
  const int made =
      rte_ipv4_fragment_copy_nonseg_packet(packet, out.data(), static_cast<uint16_t>(out.size()), mtu, packet->pool);
  if (made <= 0) {
    rte_pktmbuf_prepend(packet, sizeof ethernet);  // the bytes are still there
    // -EINVAL: too many.
    return tl::unexpected(made == -ENOMEM ? DropReason::kNoBuffer : DropReason::kMtuExceeded);
  }
  for (rte_mbuf* piece : out.first(static_cast<size_t>(made))) {
    auto* ip = rte_pktmbuf_mtod(piece, rte_ipv4_hdr*);
    ip->hdr_checksum = 0;
    ip->hdr_checksum = rte_ipv4_cksum(ip);
    // An mbuf of the pool has its whole headroom, of which only Ethernet's header is needed.
    *reinterpret_cast<rte_ether_hdr*>(rte_pktmbuf_prepend(piece, sizeof ethernet)) = ethernet;
    piece->port = packet->port;
    piece->ol_flags = packet->ol_flags & RTE_MBUF_F_RX_VLAN;  // the priority of the tag that it came with
    piece->vlan_tci = packet->vlan_tci;
  }
  rte_pktmbuf_free(packet);
  return static_cast<unsigned>(made);
}

}  // namespace ecmpd::dataplane
