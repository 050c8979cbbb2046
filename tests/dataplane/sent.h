// What rewrite gives to tx, in the place of a Transmitter: kept in order, for whoever wants to see it. Any thread.
#pragma once

#include <rte_mbuf.h>

#include <cstdint>
#include <vector>

#include "dataplane/ids.h"

namespace ecmpd::dataplane::test {

struct Sent {
  std::vector<rte_mbuf*> packets;  // mbuf->port: by which they leave
  uint64_t common = 0;             // of them
  uint64_t wrong_bytes = 0;        // common ones of which another length was told than theirs

  void put(rte_mbuf* packet) { packets.push_back(packet); }
  void put_common(rte_mbuf* packet, PortIndex port, uint32_t bytes) {
    ++common;
    wrong_bytes += bytes != packet->pkt_len;
    packet->port = raw(port);
    packets.push_back(packet);
  }
};

}  // namespace ecmpd::dataplane::test
