#include "bench/ecmpbench/reference.h"

#include <rte_ethdev.h>
#include <rte_prefetch.h>
#include <tmmintrin.h>

#include "dataplane/burst.h"

namespace ecmpd::bench {

namespace {

using dataplane::kBurst;

void swap_macs(rte_mbuf* const* packets, unsigned count) {
  // Bytes 0..5 and 6..11 change places, 12..15 stay.
  const __m128i order = _mm_setr_epi8(6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 12, 13, 14, 15);
  for (unsigned i = 0; i < count; ++i) {
    auto* const at = rte_pktmbuf_mtod(packets[i], __m128i*);
    _mm_storeu_si128(at, _mm_shuffle_epi8(_mm_loadu_si128(at), order));
  }
}

template <typename Change>
uint64_t forward(const Queues& queues, unsigned bursts, Change change) {
  std::array<rte_mbuf*, kBurst> packets;
  uint64_t total = 0;
  for (unsigned i = 0; i < bursts; ++i) {
    const unsigned in = i % kInputs;
    const uint16_t count = rte_eth_rx_burst(queues.ports[in], queues.queue, packets.data(), kBurst);
    change(packets.data(), count);
    const uint16_t sent = rte_eth_tx_burst(queues.ports[(in + 1) % kInputs], queues.queue, packets.data(), count);
    if (sent != count) rte_pktmbuf_free_bulk(&packets[sent], count - sent);
    total += sent;
  }
  return total;
}

}  // namespace

uint64_t forward_io(const Queues& queues, unsigned bursts) {
  return forward(queues, bursts, [](rte_mbuf* const*, unsigned) {});
}

uint64_t forward_macswap(const Queues& queues, unsigned bursts) {
  return forward(queues, bursts, [](rte_mbuf* const* packets, unsigned count) { swap_macs(packets, count); });
}

}  // namespace ecmpd::bench
