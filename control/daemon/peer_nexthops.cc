#include "control/daemon/peer_nexthops.h"

namespace ecmpd::control {

void PeerNexthops::announced(bgp::PeerId id, const hash::IpAddress& nexthop) {
  Peer& peer = peers_[static_cast<uint32_t>(id)];
  if (!peer.all.empty() && peer.last == nexthop) return;
  peer.last = nexthop;
  if (peer.all.insert(nexthop).second) ++sessions_[nexthop];
}

std::vector<hash::IpAddress> PeerNexthops::take_own(bgp::PeerId id) {
  std::vector<hash::IpAddress> own;
  const auto found = peers_.find(static_cast<uint32_t>(id));
  if (found == peers_.end()) return own;
  for (const hash::IpAddress& nexthop : found->second.all) {
    const auto sessions = sessions_.find(nexthop);
    if (--sessions->second > 0) continue;
    sessions_.erase(sessions);
    own.push_back(nexthop);
  }
  peers_.erase(found);
  return own;
}

}  // namespace ecmpd::control
