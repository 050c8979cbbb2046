// Where packets leave the straight line: dropped with a reason, or punted with a class.
//
// Both take the mbuf: it is freed or handed to control, and it is counted. Worker only; one object per worker.
#pragma once

#include <rte_mbuf.h>

#include "dataplane/counters.h"
#include "dataplane/drop_reason.h"
#include "dataplane/punt.h"

namespace ecmpd::dataplane {

class Exits {
 public:
  Exits(WorkerCounters& counters, PuntRing& ring) : counters_(counters), ring_(ring) {}

  void drop(rte_mbuf* packet, DropReason reason) {
    counters_.drops[static_cast<size_t>(reason)].add(1);
    rte_pktmbuf_free(packet);
  }
  void punt(rte_mbuf* packet, PuntClass punt_class) {
    switch (ring_.put(packet, punt_class)) {
      case PuntResult::kTaken:
        counters_.punted[static_cast<size_t>(punt_class)].add(1);
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
};

}  // namespace ecmpd::dataplane
