// Mbufs of several segments: what DPDK has no function for. Worker only.
#pragma once

#include <rte_mbuf.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

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

/// Brings the first `bytes` (or all, if there are fewer) into the first segment, as far as it has room.
inline void pull_up(rte_mbuf* packet, uint16_t bytes) {
  while (packet->data_len < bytes && packet->next != nullptr) {
    rte_mbuf* next = packet->next;
    const auto wanted = static_cast<uint16_t>(bytes - packet->data_len);
    const uint16_t count = std::min({wanted, next->data_len, rte_pktmbuf_tailroom(packet)});
    if (count == 0 && next->data_len != 0) return;
    std::memcpy(rte_pktmbuf_mtod_offset(packet, char*, packet->data_len), rte_pktmbuf_mtod(next, const char*), count);
    packet->data_len = static_cast<uint16_t>(packet->data_len + count);
    next->data_off = static_cast<uint16_t>(next->data_off + count);
    next->data_len = static_cast<uint16_t>(next->data_len - count);
    if (next->data_len != 0) continue;
    packet->next = next->next;
    --packet->nb_segs;
    rte_pktmbuf_free_seg(next);
  }
}

}  // namespace ecmpd::dataplane
