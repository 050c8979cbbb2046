// When the first BGP routes are installed: not one by one as sessions come up, which would move flows that are older
// than this process, but when the first tables are complete.
//
// Complete is: every configured neighbor is established, and every peer has sent End-of-RIB of each of its families or,
// if it need not send one, been quiet for `quiet` since its last update; with listen ranges one session is up and
// nothing has come from anybody for `quiet`. And the nexthops have been resolved, or tried. In any case after `limit`.
// Where nodes are known that were there before (the record of home layouts) and are not yet, they are waited for until
// `return_limit`: their connections would be given to others. Pure; control thread; time is an argument.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "control/bgp/session_sink.h"
#include "hash/address.h"

namespace ecmpd::control {

class StartupHold {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Settings {
    std::chrono::milliseconds quiet{1000};
    std::chrono::milliseconds first_quiet{3000};  // of a peer that has sent nothing yet: FRR takes a second
    std::chrono::milliseconds limit{5000};
    std::chrono::milliseconds return_limit{10000};
  };

  /// `configured` are the neighbors that are not dynamic; `listening` says whether there are listen ranges. With
  /// neither there is nothing to wait for.
  StartupHold(std::span<const hash::IpAddress> configured, bool listening, Settings settings, Time now);

  void on_established(bgp::PeerId peer, const bgp::PeerInfo& info, Time now);
  void on_update(bgp::PeerId peer, Time now);
  void on_end_of_rib(bgp::PeerId peer, bgp::Family family);
  void on_down(bgp::PeerId peer);

  struct Nexthops {
    bool settled = true;  // every one in use has been heard of
    bool back = true;     // every one that was there before is in use
  };
  /// True once the hold is over; it stays over.
  bool tick(Time now, Nexthops nexthops);
  bool released() const { return released_; }
  /// Nobody has called, and nobody was to be called: it may last for ever.
  bool idle() const { return !begin(); }

 private:
  struct Peer {
    hash::IpAddress address;
    bgp::FamilySet families;
    bool end_of_rib_due;
    Time last_heard;
    bool heard = false;      // an update
    bgp::FamilySet ended{};  // of these End-of-RIB has come
  };
  bool complete(const Peer& peer, Time now) const;
  bool tables_complete(Time now) const;
  std::optional<Time> begin() const;

  Settings settings_;
  Time started_;
  std::vector<hash::IpAddress> configured_;
  bool listening_;
  std::map<bgp::PeerId, Peer> peers_;
  std::optional<Time> first_session_;
  bool late_ = false;  // somebody was not back at `limit`: his table is waited for, too
  bool released_;
};

}  // namespace ecmpd::control
