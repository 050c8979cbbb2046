#include "dataplane/rewrite.h"

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_tcp.h>

#include <algorithm>
#include <cstring>

#include "dataplane/ipv6.h"
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

/// Bytes of the packet in its first segment, from its IP header on.
unsigned in_segment(const rte_mbuf* packet, const uint8_t* ip) {
  return static_cast<unsigned>(rte_pktmbuf_mtod(packet, const uint8_t*) + packet->data_len - ip);
}

bool has_port(const uint8_t* l4, uint16_t tcp_port) {
  const auto* tcp = reinterpret_cast<const rte_tcp_hdr*>(l4);
  const rte_be16_t port = rte_cpu_to_be_16(tcp_port);
  return tcp->src_port == port || tcp->dst_port == port;
}

/// What the two families do differently. A packet's header has been found good by parse.
struct Ipv4 {
  static PuntClass class_of_local(const rte_mbuf* packet, const uint8_t* ip, const PriorityTraffic& priority) {
    const auto* header = reinterpret_cast<const rte_ipv4_hdr*>(ip);
    const unsigned header_bytes = (header->version_ihl & 0xf) * 4u;
    const bool first = (header->fragment_offset & rte_cpu_to_be_16(RTE_IPV4_HDR_OFFSET_MASK)) == 0;
    if (header->next_proto_id != IPPROTO_TCP || !first || in_segment(packet, ip) < header_bytes + sizeof(rte_tcp_hdr)) {
      return PuntClass::kOther;
    }
    const bool match = has_port(ip + header_bytes, priority.tcp_port);
    return match && priority.from_source(rte_be_to_cpu_32(header->src_addr)) ? PuntClass::kPriority : PuntClass::kOther;
  }
  static std::optional<DropReason> why_not(const uint8_t* ip, const Adjacency& adjacency) {
    const auto* header = reinterpret_cast<const rte_ipv4_hdr*>(ip);
    if (header->time_to_live <= 1) [[unlikely]]
      return DropReason::kTtlExpired;
    if (rte_be_to_cpu_16(header->total_length) > adjacency.mtu) [[unlikely]]
      return DropReason::kMtuExceeded;
    return std::nullopt;
  }
  static bool may_leave_its_link(const uint8_t*) { return true; }
  static void hop(uint8_t* ip) { decrement_ttl(reinterpret_cast<rte_ipv4_hdr*>(ip)); }
};

struct Ipv6 {
  static PuntClass class_of_local(const rte_mbuf* packet, const uint8_t* ip, const PriorityTraffic& priority) {
    if (is_neighbor_discovery(ip, in_segment(packet, ip))) return PuntClass::kNeighborDiscovery;
    const auto* header = reinterpret_cast<const rte_ipv6_hdr*>(ip);
    if (header->proto != IPPROTO_TCP || in_segment(packet, ip) < kIpv6Header + sizeof(rte_tcp_hdr)) {
      return PuntClass::kOther;
    }
    const bool match = has_port(ip + kIpv6Header, priority.tcp_port);
    return match && priority.from_source6(ip + kIpv6SourceAt) ? PuntClass::kPriority : PuntClass::kOther;
  }
  static std::optional<DropReason> why_not(const uint8_t* ip, const Adjacency& adjacency) {
    const auto* header = reinterpret_cast<const rte_ipv6_hdr*>(ip);
    if (!may_leave_its_link(ip)) [[unlikely]]
      return DropReason::kIpv6Scope;
    if (header->hop_limits <= 1) [[unlikely]]
      return DropReason::kTtlExpired;
    if (kIpv6Header + rte_be_to_cpu_16(header->payload_len) > adjacency.mtu) [[unlikely]]
      return DropReason::kMtuExceeded;
    return std::nullopt;
  }
  static bool may_leave_its_link(const uint8_t* ip) { return !is_link_local6(ip + kIpv6SourceAt); }
  static void hop(uint8_t* ip) { --reinterpret_cast<rte_ipv6_hdr*>(ip)->hop_limits; }
};

template <typename Family>
std::optional<DropReason> forward_as(rte_mbuf* packet, uint8_t* ip, const Adjacency& adjacency) {
  if (const auto reason = Family::why_not(ip, adjacency)) [[unlikely]]
    return reason;
  Family::hop(ip);
  auto* ethernet = rte_pktmbuf_mtod(packet, rte_ether_hdr*);
  std::memcpy(&ethernet->dst_addr, adjacency.destination_mac.data(), 6);
  std::memcpy(&ethernet->src_addr, adjacency.source_mac.data(), 6);
  packet->port = raw(adjacency.port);
  return std::nullopt;
}

/// The exits of this stage: for the router itself, for a host that is not known yet, or a drop.
template <typename Family>
void leave(rte_mbuf* packet, const uint8_t* ip, const Adjacency& adjacency, const ForwardingState& state,
           Exits& exits) {
  switch (adjacency.kind) {
    case AdjacencyKind::kLocal:
      return exits.punt(packet,
                        Family::class_of_local(packet, ip, *state.priority_traffic.load(std::memory_order_acquire)));
    case AdjacencyKind::kGlean:
      if (!Family::may_leave_its_link(ip)) return exits.drop(packet, DropReason::kIpv6Scope);
      packet->port = raw(adjacency.port);  // where the host is, not where the packet came from
      return exits.punt(packet, PuntClass::kGlean);
    default:
      return exits.drop(packet, adjacency.reason);
  }
}

template <typename Family, typename AnyBurst>
void rewrite_as(AnyBurst& burst, const ForwardingState& state, WorkerCounters& counters, Exits& exits) {
  // After the groups of this burst were read: see forwarding_state.h.
  const AdjacencyTable& table = *state.adjacencies.load(std::memory_order_acquire);
  unsigned kept = 0;
  for (unsigned i = 0; i < burst.count; ++i) {
    rte_mbuf* packet = burst.mbuf[i];
    const Adjacency& adjacency = table.entries[raw(burst.adjacency[i])];
    if (adjacency.kind != AdjacencyKind::kForward) [[unlikely]] {
      leave<Family>(packet, burst.ip[i], adjacency, state, exits);
      continue;
    }
    if (const auto reason = forward_as<Family>(packet, burst.ip[i], adjacency)) [[unlikely]] {
      exits.drop(packet, *reason);
      continue;
    }
    TrafficCounter& sent = counters.adjacency[std::min<size_t>(raw(burst.adjacency[i]), kMaxCountedAdjacencies - 1)];
    sent.packets.add(1);
    sent.bytes.add(packet->pkt_len);
    burst.mbuf[kept++] = packet;
  }
  burst.count = kept;
}

}  // namespace

std::optional<DropReason> forward(rte_mbuf* packet, uint8_t* ip, const Adjacency& adjacency) {
  return ip[0] >> 4 == 4 ? forward_as<Ipv4>(packet, ip, adjacency) : forward_as<Ipv6>(packet, ip, adjacency);
}

void rewrite(Burst& burst, const ForwardingState& state, WorkerCounters& counters, Exits& exits) {
  rewrite_as<Ipv4>(burst, state, counters, exits);
}

void rewrite(Burst6& burst, const ForwardingState& state, WorkerCounters& counters, Exits& exits) {
  rewrite_as<Ipv6>(burst, state, counters, exits);
}

}  // namespace ecmpd::dataplane
