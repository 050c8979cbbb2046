// IPv4 fragmentation (RFC 791 section 3.2, RFC 1812 section 4.2.2.7) of a packet that is ready to be sent.
//
// Worker only. The fragments are new packets of one segment each, from the packet's own pool; options that RFC 791
// wants in every fragment are copied, and every fragment has the same Ethernet header and mbuf->port.
#pragma once

#include <rte_mbuf.h>

#include <cstdint>
#include <span>
#include <tl/expected.hpp>

#include "dataplane/drop_reason.h"

namespace ecmpd::dataplane {

/// More than a frame of 9,000 bytes gives at the least MTU that is allowed, 68, unless its header is full of options.
inline constexpr unsigned kMaxFragments = 256;

/// Whether the frame holds an IPv4 packet without DF.
bool may_be_fragmented(const rte_mbuf* packet);

/// Fragments an Ethernet frame for which may_be_fragmented() holds to IP packets of at most `mtu` bytes. Returns how
/// many; the packet is freed then. Otherwise it stays the caller's, as it was, and is to be dropped for the reason: no
/// mbufs for them, or more than kMaxFragments.
tl::expected<unsigned, DropReason> fragment(rte_mbuf* packet, uint16_t mtu, std::span<rte_mbuf*, kMaxFragments> out);

}  // namespace ecmpd::dataplane
