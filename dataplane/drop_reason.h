// Why a packet was dropped: one enum value = one counter = one line in docs/drops.md.
//
// Every packet that the data plane takes leaves it by tx, by a punt, or with one of these. Any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace ecmpd::dataplane {

// X(enumerator, name, the rule or reason)
#define ECMPD_DROP_REASONS(X)                                                                                     \
  X(kEthernetRunt, "ethernet_runt", "frame shorter than its headers")                                             \
  X(kEthernetDestination, "ethernet_destination", "unicast frame for another MAC address")                        \
  X(kEthertypeUnknown, "ethertype_unknown", "neither IPv4, IPv6 nor ARP")                                         \
  X(kVlanUnknown, "vlan_unknown", "tagged frame of a VLAN that is no sub-port of its port")                       \
  X(kIpv4Version, "ipv4_version", "version is not 4 (RFC 1812 section 5.2.2)")                                    \
  X(kIpv4HeaderLength, "ipv4_header_length", "header shorter than 20 bytes or than its IHL (RFC 1812 5.2.2)")     \
  X(kIpv4TotalLength, "ipv4_total_length", "total length below the header or beyond the frame (RFC 1812 5.2.2)")  \
  X(kIpv4Checksum, "ipv4_checksum", "header checksum wrong (RFC 1812 section 5.2.2)")                             \
  X(kIpv4Source, "ipv4_source", "source address that no host can have (RFC 1812 section 5.3.7)")                  \
  X(kIpv4Destination, "ipv4_destination", "destination address that must not be forwarded (RFC 1812 5.3.7)")      \
  X(kIpv4Broadcast, "ipv4_broadcast", "broadcast, or unicast in a link-layer broadcast (RFC 1812 section 5.3.4)") \
  X(kIpv4Multicast, "ipv4_multicast", "multicast is not routed")                                                  \
  X(kIpv6Version, "ipv6_version", "version is not 6 (RFC 8200 section 3)")                                        \
  X(kIpv6PayloadLength, "ipv6_payload_length", "payload length beyond the frame, or a jumbogram (RFC 8200 3)")    \
  X(kIpv6Source, "ipv6_source", "source address that no host can have (RFC 4291 sections 2.5.2, 2.5.3, 2.7)")     \
  X(kIpv6Destination, "ipv6_destination", "destination :: or ::1 (RFC 4291 sections 2.5.2 and 2.5.3)")            \
  X(kIpv6Broadcast, "ipv6_broadcast", "unicast in a link-layer multicast (RFC 1812 section 5.3.4)")               \
  X(kIpv6Multicast, "ipv6_multicast", "multicast is not routed")                                                  \
  X(kIpv6Scope, "ipv6_scope", "link-local address beyond its link (RFC 4291 section 2.5.6)")                      \
  X(kTtlExpired, "ttl_expired", "TTL or hop limit would reach 0 (RFC 1812 section 5.3.1, RFC 8200 section 3)")    \
  X(kNoRoute, "no_route", "no prefix covers the destination (RFC 1812 section 5.2.7.1)")                          \
  X(kStarting, "starting", "no prefix covers it yet: the neighbors' first tables are awaited after the start")    \
  X(kBlackhole, "blackhole", "within an announced aggregate, and no longer prefix leads anywhere")                \
  X(kUnresolved, "unresolved", "no nexthop of the route answers ARP or ND")                                       \
  X(kResolving, "resolving", "the nexthops of the route are being asked by ARP or ND, for 3 seconds at most")     \
  X(kMtuExceeded, "mtu_exceeded", "packet longer than the MTU of the port that it leaves by")                     \
  X(kNoBuffer, "no_buffer", "no memory for a packet's fragments or its copy")                                     \
  X(kPortDown, "port_down", "the port that it leaves by has no link")                                             \
  X(kTxQueueFull, "tx_queue_full", "the device did not take the packet")                                          \
  X(kPuntPoliced, "punt_policed", "more packets for the router itself than its policer allows")                   \
  X(kPuntRingFull, "punt_ring_full", "the control thread does not keep up with packets for the router itself")

enum class DropReason : uint8_t {
#define X(enumerator, name, rule) enumerator,
  ECMPD_DROP_REASONS(X)
#undef X
};

inline constexpr unsigned kDropReasonCount = 0
#define X(enumerator, name, rule) +1
    ECMPD_DROP_REASONS(X)
#undef X
    ;

struct DropReasonText {
  std::string_view name;
  std::string_view rule;
};
DropReasonText describe(DropReason reason);

}  // namespace ecmpd::dataplane
