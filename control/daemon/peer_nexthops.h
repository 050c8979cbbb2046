// Which nexthops each session has announced, so that a lost one's can leave the groups before its routes are looked at.
//
// A nexthop counts as announced until its session ends, whatever is withdrawn meanwhile: who asks whether nobody else
// uses it gets a "no" too many rather than too few. Control thread.
#pragma once

#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "control/bgp/session_sink.h"
#include "hash/address.h"

namespace ecmpd::control {

class PeerNexthops {
 public:
  void announced(bgp::PeerId peer, const hash::IpAddress& nexthop);
  /// The session has ended: returns what no other one has announced.
  std::vector<hash::IpAddress> take_own(bgp::PeerId peer);

 private:
  struct Peer {
    hash::IpAddress last;  // the next UPDATE mostly has the same
    std::unordered_set<hash::IpAddress> all;
  };
  std::unordered_map<uint32_t, Peer> peers_;
  std::unordered_map<hash::IpAddress, uint32_t> sessions_;  // that have announced it
};

}  // namespace ecmpd::control
