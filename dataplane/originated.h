// Where a packet of the router itself enters the straight line: at lookup, behind parse, which it would pass anyway.
//
// Worker only.
#pragma once

#include <rte_byteorder.h>
#include <rte_ip.h>

#include "dataplane/burst.h"

namespace ecmpd::dataplane {

/// Adds a packet to a burst that has room, as parse would; `ip` is its header.
inline void add_originated(Burst& burst, rte_mbuf* packet, uint8_t* ip) {
  const unsigned i = burst.count++;
  burst.mbuf[i] = packet;
  burst.ip[i] = ip;
  burst.destination[i] = rte_be_to_cpu_32(reinterpret_cast<const rte_ipv4_hdr*>(ip)->dst_addr);
}

}  // namespace ecmpd::dataplane
