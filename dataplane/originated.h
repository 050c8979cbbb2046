// Where a packet of the router itself enters the straight line: at lookup, behind parse, which it would pass anyway.
//
// Worker only.
#pragma once

#include <rte_byteorder.h>
#include <rte_ip.h>

#include "dataplane/burst.h"
#include "dataplane/ipv6.h"
#include "dataplane/recorder.h"

namespace ecmpd::dataplane {

/// Adds a packet to the burst of its family, which has room, as parse would; `ip` is its header.
inline void add_originated(Burst& burst, Burst6& burst6, rte_mbuf* packet, uint8_t* ip) {
  if (burst.recorder != nullptr) [[unlikely]]
    burst.recorder->originated(packet);
  if (ip[0] >> 4 == 4) {
    const unsigned i = burst.count++;
    burst.common &= ~(uint64_t{1} << i);
    burst.key[i] = {};
    burst.mbuf[i] = packet;
    burst.ip[i] = ip;
    burst.destination[i] = rte_be_to_cpu_32(reinterpret_cast<const rte_ipv4_hdr*>(ip)->dst_addr);
  } else {
    const unsigned i = burst6.count++;
    burst6.common &= ~(uint64_t{1} << i);
    burst6.key[i] = {};
    burst6.mbuf[i] = packet;
    burst6.ip[i] = ip;
    burst6.destination[i] = ip + kIpv6DestinationAt;
  }
}

}  // namespace ecmpd::dataplane
