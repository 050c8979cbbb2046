// Mbufs of several segments: what DPDK has no function for. Worker only.
#pragma once

#include <rte_mbuf.h>

#include <cstdint>

namespace ecmpd::dataplane {

/// Shortens the packet to its first `bytes` and frees the segments behind them. `bytes` is not 0 and not more than the
/// packet has. (rte_pktmbuf_trim fails when the last segment is shorter than what is to go.)
inline void keep_first(rte_mbuf* packet, uint32_t bytes) {
  rte_mbuf* last = packet;
  uint32_t left = bytes;
  uint16_t segments = 1;
  while (left > last->data_len) {
    left -= last->data_len;
    last = last->next;
    ++segments;
  }
  rte_pktmbuf_free(last->next);  // null is fine
  last->next = nullptr;
  last->data_len = static_cast<uint16_t>(left);
  packet->nb_segs = segments;
  packet->pkt_len = bytes;
}

}  // namespace ecmpd::dataplane
