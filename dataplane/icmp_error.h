// ICMP and ICMPv6 errors: when one may be sent about a packet, and how the packet becomes the error about it.
//
// Pure functions over one mbuf, for both families. Nothing is allocated: the packet is cut to what is quoted and gets
// new headers in front of it. Workers only.
#pragma once

#include <rte_mbuf.h>

#include <cstdint>
#include <optional>

#include "dataplane/drop_reason.h"
#include "dataplane/icmp_error_kind.h"

namespace ecmpd::dataplane {

/// The error that tells a sender about this drop. None for most reasons.
std::optional<IcmpErrorKind> icmp_error_about(DropReason reason);

/// RFC 1812 section 4.3.2.7 and RFC 4443 section 2.4(e): no error about an ICMP error or a redirect, a fragment other
/// than the first, a multicast or broadcast (of the link layer too; except that packet-too-big may be about an IPv6
/// multicast), or a packet whose source names no single host; about one with a link-local source no other than
/// kBeyondScope, and that about no other. `ip` is the packet's IPv4 or IPv6 header, in the first
/// segment behind its Ethernet header, and valid as parse leaves it.
bool may_be_answered(const rte_mbuf* packet, const uint8_t* ip, IcmpErrorKind kind);

/// Turns the IPv4 packet into the error about it, from `source` (host byte order) to its sender; `mtu` is that of the
/// next hop for kTooBig, `id` the new packet's identification. Returns the new header, behind room for an Ethernet
/// header at the mbuf's start; null, and an untouched packet, when the mbuf has no room for it.
/// The TTL is one more than the packet shall leave with: it still has to pass rewrite.
uint8_t* make_icmp_error4(rte_mbuf* packet, const uint8_t* ip, IcmpErrorKind kind, uint32_t source, uint16_t mtu,
                          uint16_t id);
/// The same for IPv6; `source` is 16 bytes.
uint8_t* make_icmp_error6(rte_mbuf* packet, const uint8_t* ip, IcmpErrorKind kind, const uint8_t* source, uint16_t mtu);

}  // namespace ecmpd::dataplane
