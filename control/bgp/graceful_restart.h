// Graceful restart, as far as the receiving speaker is concerned (RFC 4724 section 4.2, RFC 8538): what a peer offers,
// and what of its routes survives the loss of its session.
//
// Our own forwarding does not outlive our sessions, so we never ask the same of a peer. Values only.
#pragma once

#include <chrono>

#include "control/bgp/families.h"

namespace ecmpd::control::bgp {

/// A peer's capability 64 (RFC 4724 section 3). A capability that lists no family says only that the peer helps others.
struct GracefulRestart {
  bool offered = false;
  bool restarted = false;     // R: the speaker has just started (some set it on every start)
  bool notification = false;  // N: routes outlive a NOTIFICATION too (RFC 8538); valid if both ends set it
  std::chrono::seconds restart_time{};
  FamilySet families{};    // listed: routes outlive the session
  FamilySet forwarding{};  // F: forwarding went on through the restart that has just been
  bool operator==(const GracefulRestart&) const = default;
};

/// How a session ended, for its routes: those of `families` may be kept, as stale, until the peer is back or
/// `restart_time` has passed. No family: all go at once.
struct Retain {
  FamilySet families{};
  std::chrono::seconds restart_time{};
  bool any() const { return families.any(); }
  bool operator==(const Retain&) const = default;
};

}  // namespace ecmpd::control::bgp
