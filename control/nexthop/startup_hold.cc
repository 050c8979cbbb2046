#include "control/nexthop/startup_hold.h"

#include <algorithm>

namespace ecmpd::control {

StartupHold::StartupHold(std::span<const hash::IpAddress> configured, bool listening, Settings settings, Time now)
    : settings_(settings),
      started_(now),
      configured_(configured.begin(), configured.end()),
      listening_(listening),
      released_(configured.empty() && !listening) {}

void StartupHold::on_established(bgp::PeerId peer, const bgp::PeerInfo& info, Time now) {
  peers_[peer] = {
      .address = info.address, .families = info.families, .end_of_rib_due = info.end_of_rib_due, .last_heard = now};
  if (!first_session_) first_session_ = now;
}

void StartupHold::on_update(bgp::PeerId peer, Time now) {
  const auto found = peers_.find(peer);
  if (found == peers_.end()) return;
  found->second.last_heard = now;
  found->second.heard = true;
}

void StartupHold::on_end_of_rib(bgp::PeerId peer, bgp::Family family) {
  const auto found = peers_.find(peer);
  if (found != peers_.end()) found->second.ended.insert(family);
}

void StartupHold::on_down(bgp::PeerId peer) { peers_.erase(peer); }

bool StartupHold::complete(const Peer& peer, Time now) const {
  if ((peer.ended & peer.families) == peer.families) return true;
  return !peer.end_of_rib_due && now - peer.last_heard >= (peer.heard ? settings_.quiet : settings_.first_quiet);
}

bool StartupHold::tables_complete(Time now) const {
  for (const hash::IpAddress& address : configured_) {
    const bool established =
        std::any_of(peers_.begin(), peers_.end(), [&](const auto& entry) { return entry.second.address == address; });
    if (!established) return false;
  }
  if (!std::all_of(peers_.begin(), peers_.end(), [&](const auto& entry) { return complete(entry.second, now); })) {
    return false;
  }
  if (!listening_) return true;
  // Nobody knows how many dynamic neighbors there will be: none has been silent for a while that says more is to come.
  if (!first_session_ || peers_.empty()) return false;
  Time last = *first_session_;
  for (const auto& [id, peer] : peers_) last = std::max(last, peer.last_heard);
  return now - last >= settings_.quiet;
}

/// From when on the limits count.
std::optional<StartupHold::Time> StartupHold::begin() const {
  // With listen ranges only, a router that nobody has called yet has nothing to install and may wait.
  return configured_.empty() ? first_session_ : started_;
}

bool StartupHold::tick(Time now, Nexthops nexthops) {
  if (released_) return true;
  const auto since = begin();
  const auto waited = since ? now - *since : Time::duration::zero();
  late_ |= !nexthops.back && waited >= settings_.limit;
  released_ = (since && waited >= (nexthops.back && !late_ ? settings_.limit : settings_.return_limit)) ||
              (nexthops.back && nexthops.settled && tables_complete(now));
  return released_;
}

}  // namespace ecmpd::control
