#include "dataplane/rx.h"

#include <rte_ethdev.h>
#include <rte_ether.h>

#include "dataplane/originated.h"

namespace ecmpd::dataplane {

unsigned rx(Burst& burst, const PortFacts& port, unsigned queue, WorkerCounters& counters) {
  burst.count = rte_eth_rx_burst(port.dpdk_port, static_cast<uint16_t>(queue), burst.mbuf.data(), kBurst);
  if (burst.count == 0) return 0;
  counters.bursts.add(1);
  if (port.vlans != nullptr) [[unlikely]]
    return burst.count;                                        // VlanSort counts them
  counters.port[raw(port.index)].rx.packets.add(burst.count);  // bytes: parse
  return burst.count;
}

unsigned inject(Burst& burst, Burst6& burst6, PuntRing& punts, Transmitter& transmitter, WorkerCounters& counters,
                Exits& exits) {
  std::array<rte_mbuf*, kBurst> packets;
  const unsigned count = punts.take_injected(packets);
  burst.count = burst6.count = 0;
  for (unsigned i = 0; i < count; ++i) {
    if (PuntRing::to_route(packets[i])) {
      add_originated(burst, burst6, packets[i], rte_pktmbuf_mtod_offset(packets[i], uint8_t*, sizeof(rte_ether_hdr)));
    } else if (const auto reason = PuntRing::given_up(packets[i])) {
      // Control gives up IP packets only, as they came in.
      exits.reject(packets[i], rte_pktmbuf_mtod_offset(packets[i], const uint8_t*, sizeof(rte_ether_hdr)), *reason);
    } else {
      transmitter.put(packets[i]);
    }
  }
  if (count != 0) counters.injected.add(count);
  return count;
}

}  // namespace ecmpd::dataplane
