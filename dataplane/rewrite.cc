#include "dataplane/rewrite.h"

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_tcp.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "dataplane/ipv6.h"
#include "dataplane/stages.h"

namespace ecmpd::dataplane {

namespace {

/// RFC 1624: taking one from the TTL, the high byte of its word, adds 0x0100 to the checksum; 0xffff, which a full
/// computation never gives, becomes 0. TTL, protocol and checksum are one word, the checksum in its upper half: as the
/// bytes lie, it is 1 that is added there, for one's complement sums do not depend on the order of bytes, and the carry
/// comes back as another 1. The TTL is not 0.
void decrement_ttl(uint8_t* ip) {
  uint32_t word;
  std::memcpy(&word, ip + offsetof(rte_ipv4_hdr, time_to_live), sizeof word);
  word += 0x10000 - 1 + (word >= 0xfffe0000 ? 0x10000 : 0);
  std::memcpy(ip + offsetof(rte_ipv4_hdr, time_to_live), &word, sizeof word);
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

/// What the two families do differently. A packet's header has been found good by parse. why_not(): what keeps it from
/// leaving by an adjacency of either kind, forward or glean.
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
    if (rte_be_to_cpu_16(header->total_length) > adjacency.mtu) [[unlikely]] {
      if (header->fragment_offset & rte_cpu_to_be_16(RTE_IPV4_HDR_DF_FLAG)) return DropReason::kMtuExceeded;
    }
    return std::nullopt;
  }
  static void hop(uint8_t* ip) { decrement_ttl(ip); }
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
    if (is_link_local6(ip + kIpv6SourceAt)) [[unlikely]]
      return DropReason::kIpv6Scope;
    if (header->hop_limits <= 1) [[unlikely]]
      return DropReason::kTtlExpired;
    if (kIpv6Header + rte_be_to_cpu_16(header->payload_len) > adjacency.mtu) [[unlikely]]
      return DropReason::kMtuExceeded;
    return std::nullopt;
  }
  static void hop(uint8_t* ip) { --reinterpret_cast<rte_ipv6_hdr*>(ip)->hop_limits; }
};

/// The packet goes: all that is written of it. The Ethernet header is the 14 bytes before `ip`.
template <typename Family>
inline void send_by(rte_mbuf* packet, uint8_t* ip, const Adjacency& adjacency) {
  Family::hop(ip);
  static_assert(offsetof(Adjacency, source_mac) == offsetof(Adjacency, destination_mac) + 6);
  std::memcpy(ip - sizeof(rte_ether_hdr), adjacency.destination_mac.data(), 12);
  packet->port = raw(adjacency.port);
}

template <typename Family>
std::optional<DropReason> forward_as(rte_mbuf* packet, uint8_t* ip, const Adjacency& adjacency) {
  if (const auto reason = Family::why_not(ip, adjacency)) [[unlikely]]
    return reason;
  send_by<Family>(packet, ip, adjacency);
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
      // Before it waits: control has no way to tell the sender the MTU.
      if (const auto reason = Family::why_not(ip, adjacency)) return exits.reject(packet, ip, *reason, adjacency.mtu);
      PuntRing::set_host_port(packet, adjacency.port);
      return exits.punt(packet, PuntClass::kGlean);
    default:
      return exits.reject(packet, ip, adjacency.reason);
  }
}

template <typename Family, typename AnyBurst>
void rewrite_as(AnyBurst& burst, const ForwardingState& state, WorkerCounters& counters, Exits& exits) {
  // After the groups of this burst were read: see forwarding_state.h.
  const Adjacency* const table = state.adjacencies.load(std::memory_order_acquire)->entries.data();
  TrafficCounter* const by_adjacency = counters.adjacency.data();
  const uint64_t common = burst.common;
  const unsigned count = burst.count;
  unsigned kept = 0;
  for (unsigned i = 0; i < count; ++i) {
    rte_mbuf* const packet = burst.mbuf[i];
    uint8_t* const ip = burst.ip[i];
    const Adjacency& adjacency = table[raw(burst.adjacency[i])];
    const uint32_t bytes = packet->pkt_len;
    if (bytes <= adjacency.longest_frame && (common >> i & 1) != 0) [[likely]] {
      send_by<Family>(packet, ip, adjacency);
    } else if (adjacency.kind != AdjacencyKind::kForward) {
      leave<Family>(packet, ip, adjacency, state, exits);
      continue;
    } else if (const auto reason = forward_as<Family>(packet, ip, adjacency)) {
      exits.reject(packet, ip, *reason, adjacency.mtu);
      continue;
    }
    TrafficCounter& sent = by_adjacency[adjacency.counter];
    sent.packets.add(1);
    sent.bytes.add(bytes);
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
