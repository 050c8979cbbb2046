#include "control/daemon/stale_timers.h"

namespace ecmpd::control {

bool StaleTimers::any_stale(bgp::PeerId peer) const {
  const PeerCounters* counters = rib_.counters(peer);
  return counters != nullptr && counters->stale > 0;
}

void StaleTimers::on_established(bgp::PeerId peer) {
  if (!any_stale(peer)) return;
  timers_[peer] = reactor_.after(time_, [this, peer] {
    rib_.drop_stale(peer);
    swept_();
  });
}

void StaleTimers::on_end_of_rib(bgp::PeerId peer) {
  if (!any_stale(peer)) timers_.erase(peer);
}

}  // namespace ecmpd::control
