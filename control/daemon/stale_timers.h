// Until when routes that were kept for a peer that restarts may stay after it is back (RFC 4724 section 4.2).
//
// What the peer does not announce again goes at its End-of-RIB. Not every peer sends one: a timer for each sweeps what
// is stale still. Control thread, on the Reactor's loop.
#pragma once

#include <chrono>
#include <functional>
#include <map>

#include "control/io/reactor.h"
#include "control/rib/rib.h"

namespace ecmpd::control {

class StaleTimers {
 public:
  /// FRR's stalepath-time.
  static constexpr std::chrono::seconds kStaleTime{360};

  /// `swept` is called when routes of a peer may have gone.
  StaleTimers(Reactor& reactor, Rib& rib, std::function<void()> swept, std::chrono::milliseconds time = kStaleTime)
      : reactor_(reactor), rib_(rib), swept_(std::move(swept)), time_(time) {}

  /// Behind the RIB's.
  void on_established(bgp::PeerId peer);
  void on_end_of_rib(bgp::PeerId peer);
  /// What is kept then waits for the peer, not for this timer.
  void on_down(bgp::PeerId peer) { timers_.erase(peer); }

 private:
  bool any_stale(bgp::PeerId peer) const;

  Reactor& reactor_;
  Rib& rib_;
  std::function<void()> swept_;
  std::chrono::milliseconds time_;
  std::map<bgp::PeerId, Handle> timers_;
};

}  // namespace ecmpd::control
