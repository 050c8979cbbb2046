// How long routes take, by neighbor: from the read of their bytes from the socket until packets find them, and after a
// loss until none does.
//
// One point in time for each read and one for each flush, whatever the number of routes between them; all routes of a
// flush are there when the last of them is. Control thread; time comes in as an argument.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "control/bgp/session_sink.h"
#include "control/daemon/duration_histogram.h"
#include "hash/address.h"

namespace ecmpd::control {

class RouteTiming {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Peer {
    hash::IpAddress address;
    DurationHistogram routes;  // prefixes announced or withdrawn, by their way from the socket to the FIB
    /// Of its last loss, unless its routes are kept: until its nexthops were out of every group that has others (none
    /// if somebody else names them too), and until the last of its routes was gone.
    std::optional<std::chrono::nanoseconds> left;
    std::optional<std::chrono::nanoseconds> cleaned;
  };

  void on_established(bgp::PeerId peer, const hash::IpAddress& address);
  /// What comes until the next call was read from a socket now.
  void on_read(Time now) { read_ = now; }
  void on_update(bgp::PeerId peer, size_t prefixes);
  void on_down(bgp::PeerId peer, Time detected, std::optional<Time> left);
  /// The session is down, its routes are kept.
  void on_retained(bgp::PeerId peer);
  /// Everything before this call is in the FIB; or, with `waits`, is kept until later and not counted.
  void on_flushed(Time now, bool waits);

  /// By PeerId; empty for ids that are not used yet.
  const std::vector<std::optional<Peer>>& peers() const { return peers_; }

 private:
  struct Run {
    bgp::PeerId peer;
    Time read;
    uint64_t prefixes;
  };
  struct Loss {
    bgp::PeerId peer;
    Time detected;
  };
  Peer* find(bgp::PeerId peer);

  std::vector<std::optional<Peer>> peers_;
  std::vector<Run> runs_;  // since the last flush
  std::vector<Loss> losses_;
  Time read_{};
};

}  // namespace ecmpd::control
