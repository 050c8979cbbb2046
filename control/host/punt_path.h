// Door 2 on control's side: punted packets into the twins, the twins' frames down to the ports, and what the kernel
// sends further away down to the FIB.
//
// The priority lane is emptied first and completely; the other one gets a bounded turn, so that a flood of it cannot
// keep the sessions' packets waiting. Control thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "control/host/tap.h"
#include "control/io/reactor.h"
#include "dataplane/punt.h"
#include "hash/address.h"

namespace ecmpd::control {

struct PuntPathCounters {
  uint64_t to_kernel = 0;
  uint64_t kernel_refused = 0;  // the twin did not take the frame
  uint64_t from_kernel = 0;
  uint64_t inject_failed = 0;  // no mbuf, or the ring to the workers was full
};

class PuntPath {
 public:
  /// The router's own addresses, and the port that each is on.
  using OwnAddresses = std::unordered_map<hash::IpAddress, uint16_t>;
  /// Takes over a packet for a host that is not resolved yet.
  using GleanHandler = std::function<void(rte_mbuf*)>;

  /// `twins` by PortIndex; `far` is the TUN interface of OwnRoutes. Everything outlives the object.
  PuntPath(Reactor& reactor, dataplane::PuntRing& ring, rte_mempool* mempool, std::vector<Tap*> twins, Tap* far,
           OwnAddresses own, GleanHandler glean);

  /// Sends a frame by the port in mbuf->port; frees it when that fails.
  void inject(rte_mbuf* packet);
  /// Drops a punted packet, counted by the workers with this reason.
  void give_up(rte_mbuf* packet, dataplane::DropReason reason);
  const PuntPathCounters& counters() const { return counters_; }

 private:
  void on_punted();
  void deliver(rte_mbuf* packet);
  /// The interface by which the kernel takes a frame that came in by `port`; the frame becomes what it wants.
  Tap& way_up(std::span<const uint8_t>& frame, size_t port) const;
  void on_twin(size_t port);
  void on_far();
  /// A packet with these bytes, behind `headroom` zeros; null, and counted, when there is no room for it.
  rte_mbuf* from_kernel(std::span<const uint8_t> bytes, size_t headroom);
  void inject_failed(rte_mbuf* packet);

  dataplane::PuntRing& ring_;
  rte_mempool* mempool_;
  std::vector<Tap*> twins_;
  Tap* far_;
  OwnAddresses own_;
  GleanHandler glean_;
  PuntPathCounters counters_;
  std::vector<Handle> handles_;
};

}  // namespace ecmpd::control
