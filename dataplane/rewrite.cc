#include "dataplane/rewrite.h"

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_tcp.h>

#include <algorithm>
#include <cstring>

#include "dataplane/stages.h"

namespace ecmpd::dataplane {

namespace {

/// RFC 1624: taking one from the TTL, the high byte of its word, adds 0x0100 to the checksum. 0xffff, which a full
/// computation never gives, becomes 0.
void decrement_ttl(rte_ipv4_hdr* header) {
  uint32_t checksum = rte_be_to_cpu_16(header->hdr_checksum) + 0x0100u;
  checksum += checksum >= 0xffff;
  header->hdr_checksum = rte_cpu_to_be_16(static_cast<uint16_t>(checksum));
  --header->time_to_live;
}

PuntClass class_of_local(const rte_mbuf* packet, const uint8_t* ip, const PriorityTraffic& priority) {
  const auto* header = reinterpret_cast<const rte_ipv4_hdr*>(ip);
  const unsigned header_bytes = (header->version_ihl & 0xf) * 4u;
  const auto available = static_cast<unsigned>(rte_pktmbuf_mtod(packet, const uint8_t*) + packet->data_len - ip);
  const bool first = (header->fragment_offset & rte_cpu_to_be_16(RTE_IPV4_HDR_OFFSET_MASK)) == 0;
  if (header->next_proto_id != IPPROTO_TCP || !first || available < header_bytes + sizeof(rte_tcp_hdr)) {
    return PuntClass::kOther;
  }
  const auto* tcp = reinterpret_cast<const rte_tcp_hdr*>(ip + header_bytes);
  const rte_be16_t port = rte_cpu_to_be_16(priority.tcp_port);
  const bool match = tcp->src_port == port || tcp->dst_port == port;
  return match && priority.from_source(rte_be_to_cpu_32(header->src_addr)) ? PuntClass::kPriority : PuntClass::kOther;
}

/// What keeps a packet from leaving by an adjacency of either kind, forward or glean.
std::optional<DropReason> refusal(const uint8_t* ip, const Adjacency& adjacency) {
  const auto* header = reinterpret_cast<const rte_ipv4_hdr*>(ip);
  if (header->time_to_live <= 1) [[unlikely]]
    return DropReason::kTtlExpired;
  if (rte_be_to_cpu_16(header->total_length) > adjacency.mtu) [[unlikely]] {
    if (header->fragment_offset & rte_cpu_to_be_16(RTE_IPV4_HDR_DF_FLAG)) return DropReason::kMtuExceeded;
  }
  return std::nullopt;
}

/// The exits of this stage: for the router itself, for a host that is not known yet, or a drop.
void leave(rte_mbuf* packet, const uint8_t* ip, const Adjacency& adjacency, const ForwardingState& state,
           Exits& exits) {
  switch (adjacency.kind) {
    case AdjacencyKind::kLocal:
      return exits.punt(packet, class_of_local(packet, ip, *state.priority_traffic.load(std::memory_order_acquire)));
    case AdjacencyKind::kGlean:
      // Before it waits: control has no way to tell the sender the MTU.
      if (const auto reason = refusal(ip, adjacency)) return exits.reject(packet, ip, *reason, adjacency.mtu);
      PuntRing::set_host_port(packet, adjacency.port);
      return exits.punt(packet, PuntClass::kGlean);
    default:
      return exits.reject(packet, ip, adjacency.reason);
  }
}

}  // namespace

std::optional<DropReason> forward(rte_mbuf* packet, uint8_t* ip, const Adjacency& adjacency) {
  if (const auto reason = refusal(ip, adjacency)) [[unlikely]]
    return reason;
  auto* header = reinterpret_cast<rte_ipv4_hdr*>(ip);
  decrement_ttl(header);
  auto* ethernet = rte_pktmbuf_mtod(packet, rte_ether_hdr*);
  std::memcpy(&ethernet->dst_addr, adjacency.destination_mac.data(), 6);
  std::memcpy(&ethernet->src_addr, adjacency.source_mac.data(), 6);
  packet->port = raw(adjacency.port);
  return std::nullopt;
}

void rewrite(Burst& burst, const ForwardingState& state, WorkerCounters& counters, Exits& exits) {
  // After the groups of this burst were read: see forwarding_state.h.
  const AdjacencyTable& table = *state.adjacencies.load(std::memory_order_acquire);
  unsigned kept = 0;
  for (unsigned i = 0; i < burst.count; ++i) {
    rte_mbuf* packet = burst.mbuf[i];
    const Adjacency& adjacency = table.entries[raw(burst.adjacency[i])];
    if (adjacency.kind != AdjacencyKind::kForward) [[unlikely]] {
      leave(packet, burst.ip[i], adjacency, state, exits);
      continue;
    }
    if (const auto reason = forward(packet, burst.ip[i], adjacency)) [[unlikely]] {
      exits.reject(packet, burst.ip[i], *reason, adjacency.mtu);
      continue;
    }
    TrafficCounter& sent = counters.adjacency[std::min<size_t>(raw(burst.adjacency[i]), kMaxCountedAdjacencies - 1)];
    sent.packets.add(1);
    sent.bytes.add(packet->pkt_len);
    burst.mbuf[kept++] = packet;
  }
  burst.count = kept;
}

}  // namespace ecmpd::dataplane
