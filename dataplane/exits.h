// Where packets leave the straight line: dropped with a reason, rejected with an ICMP error too, or punted with a
// class.
//
// Each takes the mbuf: it is freed, becomes the error, or is handed to control, and it is counted. Worker only; one
// object per worker.
#pragma once

#include <rte_mbuf.h>

#include "dataplane/counters.h"
#include "dataplane/drop_reason.h"
#include "dataplane/icmp_originator.h"
#include "dataplane/punt.h"
#include "dataplane/recorder.h"

namespace ecmpd::dataplane {

class Exits {
 public:
  Exits(WorkerCounters& counters, PuntRing& ring, IcmpOriginator& errors)
      : counters_(counters), ring_(ring), errors_(errors) {}

  /// From now on tells the recorder what leaves; null: nobody.
  void record(Recorder* recorder) { recorder_ = recorder; }
  Recorder* recorder() const { return recorder_; }

  void drop(rte_mbuf* packet, DropReason reason) {
    if (recorder_ != nullptr) [[unlikely]]
      recorder_->dropped(packet, reason);
    counters_.drops[static_cast<size_t>(reason)].add(1);
    rte_pktmbuf_free(packet);
  }
  /// A drop whose sender is told by ICMP, if the reason has an error and nothing speaks against it. `ip` is the
  /// packet's header, of either family; mbuf->port the port that it came in by; `mtu` that of the next hop for
  /// kMtuExceeded.
  void reject(rte_mbuf* packet, const uint8_t* ip, DropReason reason, uint16_t mtu = 0) {
    if (recorder_ != nullptr) [[unlikely]]
      recorder_->dropped(packet, reason);
    counters_.drops[static_cast<size_t>(reason)].add(1);
    errors_.answer(packet, ip, reason, mtu);
  }
  void punt(rte_mbuf* packet, PuntClass punt_class) {
    switch (ring_.put(packet, punt_class)) {
      case PuntResult::kTaken:
        counters_.punted[static_cast<size_t>(punt_class)].add(1);
        if (recorder_ != nullptr) [[unlikely]]
          recorder_->punted(packet, punt_class);
        return;
      case PuntResult::kPoliced:
        return drop(packet, DropReason::kPuntPoliced);
      case PuntResult::kRingFull:
        return drop(packet, DropReason::kPuntRingFull);
    }
  }

 private:
  WorkerCounters& counters_;
  PuntRing& ring_;
  IcmpOriginator& errors_;
  Recorder* recorder_ = nullptr;
};

}  // namespace ecmpd::dataplane
