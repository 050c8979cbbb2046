// The rewrite stage, for whoever takes its packets: the Transmitter, or a test that wants to see them.
//
// Internal to dataplane/rewrite.cc and the tests of the stages. Worker only.
#pragma once

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <smmintrin.h>

#include <cstddef>
#include <cstring>
#include <optional>

#include "dataplane/burst.h"
#include "dataplane/counters.h"
#include "dataplane/exits.h"
#include "dataplane/forwarding_state.h"
#include "dataplane/ipv6.h"

namespace ecmpd::dataplane::rewriting {

/// RFC 1624: taking one from the TTL, the high byte of its word, adds 0x0100 to the checksum; 0xffff, which a full
/// computation never gives, becomes 0. TTL, protocol and checksum are one word, the checksum in its upper half: as the
/// bytes lie, it is 1 that is added there, for one's complement sums do not depend on the order of bytes, and the carry
/// comes back as another 1. The TTL is not 0.
inline void decrement_ttl(uint8_t* ip) {
  uint32_t word;
  std::memcpy(&word, ip + offsetof(rte_ipv4_hdr, time_to_live), sizeof word);
  word += 0x10000 - 1 + (word >= 0xfffe0000 ? 0x10000 : 0);
  std::memcpy(ip + offsetof(rte_ipv4_hdr, time_to_live), &word, sizeof word);
}

/// Bytes of the packet in its first segment, from its IP header on.
inline unsigned in_segment(const rte_mbuf* packet, const uint8_t* ip) {
  return static_cast<unsigned>(rte_pktmbuf_mtod(packet, const uint8_t*) + packet->data_len - ip);
}

inline bool has_port(const uint8_t* l4, uint16_t tcp_port) {
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

/// The packet goes: all that is written of it. The Ethernet header is the 14 bytes before `ip`, and of the 16 that are
/// written the last four stay.
template <typename Family>
inline void send_by(uint8_t* ip, const Adjacency& adjacency) {
  Family::hop(ip);
  static_assert(offsetof(Adjacency, destination_mac) == 0 && offsetof(Adjacency, source_mac) == 6);
  auto* const frame = reinterpret_cast<__m128i*>(ip - sizeof(rte_ether_hdr));
  const __m128i macs = _mm_load_si128(reinterpret_cast<const __m128i*>(&adjacency));
  _mm_storeu_si128(frame, _mm_blend_epi16(macs, _mm_loadu_si128(frame), 0xc0));
}

template <typename Family>
std::optional<DropReason> forward_as(rte_mbuf* packet, uint8_t* ip, const Adjacency& adjacency) {
  if (const auto reason = Family::why_not(ip, adjacency)) [[unlikely]]
    return reason;
  send_by<Family>(ip, adjacency);
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
      // Before it waits: control has no way to tell the sender the MTU.
      if (const auto reason = Family::why_not(ip, adjacency)) return exits.reject(packet, ip, *reason, adjacency.mtu);
      PuntRing::set_host_port(packet, adjacency.port);
      return exits.punt(packet, PuntClass::kGlean);
    default:
      return exits.reject(packet, ip, adjacency.reason);
  }
}

/// A packet that is not common or longer than its adjacency's longest_frame, which is 0 where it is not to be
/// forwarded. Not inlined, so that the loop over the others keeps what it needs in registers: 8.6 cycles a packet
/// instead of 10.3 for rewrite and tx in bench/stage_bench, packets in L1.
template <typename Family, typename Out>
[[gnu::noinline]] void rewrite_uncommon(rte_mbuf* packet, uint8_t* ip, const Adjacency& adjacency,
                                        const ForwardingState& state, WorkerCounters& counters, Exits& exits,
                                        Out& out) {
  if (adjacency.kind != AdjacencyKind::kForward) {
    leave<Family>(packet, ip, adjacency, state, exits);
  } else if (const auto reason = forward_as<Family>(packet, ip, adjacency)) {
    exits.reject(packet, ip, *reason, adjacency.mtu);
  } else {
    counters.adjacency[adjacency.counter].add_packet(packet->pkt_len);
    out.put(packet);
  }
}

/// kAllCommon: all packets of the burst are common, and nobody asks each.
template <typename Family, bool kAllCommon, typename AnyBurst, typename Out>
void rewrite_each(AnyBurst& burst, const ForwardingState& state, WorkerCounters& counters, Exits& exits, Out& out) {
  // After the groups of this burst were read: see forwarding_state.h.
  const Adjacency* const table = state.adjacencies.load(std::memory_order_acquire)->entries.data();
  TrafficCounter* const by_adjacency = counters.adjacency.data();
  uint64_t common = burst.common;  // bit 0: of the packet in hand
  const unsigned count = burst.count;
  for (unsigned i = 0; i < count; ++i, common >>= 1) {
    rte_mbuf* const packet = burst.mbuf[i];
    uint8_t* const ip = burst.ip[i];
    const Adjacency& adjacency = table[raw(burst.adjacency[i])];
    const uint32_t bytes = packet->pkt_len;
    const bool is_common = kAllCommon || (common & 1) != 0;
    if (bytes <= adjacency.longest_frame && is_common) [[likely]] {
      by_adjacency[adjacency.counter].add_packet(bytes);
      send_by<Family>(ip, adjacency);
      out.put_common(packet, adjacency.port, bytes);
    } else {
      if (is_common) packet->port = raw(burst.in);
      rewrite_uncommon<Family>(packet, ip, adjacency, state, counters, exits, out);
    }
  }
  burst.count = 0;
}

/// `out` takes the packets that go: put_common() and put() as of Transmitter. Straight into the buffers of the ports:
/// as a pass of its own, with the port in mbuf->port in between, it took 2 cycles a packet more.
template <typename Family, typename AnyBurst, typename Out>
void rewrite_as(AnyBurst& burst, const ForwardingState& state, WorkerCounters& counters, Exits& exits, Out& out) {
  // Two loops: not to ask saves 0.5 of 7.8 cycles for rewrite and tx in bench/stage_bench, packets in L1.
  if (burst.common == first_slots(burst.count)) [[likely]] {
    rewrite_each<Family, true>(burst, state, counters, exits, out);
  } else {
    rewrite_each<Family, false>(burst, state, counters, exits, out);
  }
}

}  // namespace ecmpd::dataplane::rewriting
