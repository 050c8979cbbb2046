// When the first BGP routes are installed: not one by one as sessions come up, which would move flows that are older
// than this process, but when the first tables are complete.
//
// Complete is: every configured neighbor is established and has sent End-of-RIB of each of its families or been quiet
// for `quiet` (a peer need not send one), or, with listen ranges only, one session is up and no update has come for
// `quiet`. And the nexthops have been resolved, or tried. In any case after `limit`. Pure; control thread; time is an
// argument.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <span>

#include "control/bgp/session_sink.h"
#include "hash/address.h"

namespace ecmpd::control {

class StartupHold {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Settings {
    std::chrono::milliseconds quiet{1000};
    std::chrono::milliseconds limit{5000};
  };

  /// `configured` are the neighbors that are not dynamic; `listening` says whether there are listen ranges. With
  /// neither there is nothing to wait for.
  StartupHold(std::span<const hash::IpAddress> configured, bool listening, Settings settings, Time now);

  /// `families` are those that were negotiated.
  void on_established(bgp::PeerId peer, const hash::IpAddress& address, bgp::FamilySet families, Time now);
  void on_update(bgp::PeerId peer, Time now);
  void on_end_of_rib(bgp::PeerId peer, bgp::Family family);
  void on_down(bgp::PeerId peer);

  /// True once the hold is over; it stays over. `nexthops_settled`: every nexthop in use has been heard of.
  bool tick(Time now, bool nexthops_settled);
  bool released() const { return released_; }
  /// When tick() can have something new to say, absent further events.
  std::optional<Time> next_tick(Time now) const;

 private:
  struct Peer {
    hash::IpAddress address;
    bgp::FamilySet families;
    Time last_heard;
    bgp::FamilySet ended{};  // of these End-of-RIB has come
  };
  bool complete(const Peer& peer, Time now) const;
  bool tables_complete(Time now) const;
  std::optional<Time> deadline() const;

  Settings settings_;
  Time started_;
  std::vector<hash::IpAddress> configured_;
  bool listening_;
  std::map<bgp::PeerId, Peer> peers_;
  std::optional<Time> first_session_;
  bool released_;
};

}  // namespace ecmpd::control
