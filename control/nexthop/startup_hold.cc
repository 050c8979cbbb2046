#include "control/nexthop/startup_hold.h"

#include <algorithm>

namespace ecmpd::control {

StartupHold::StartupHold(std::span<const hash::IpAddress> configured, bool listening, Settings settings, Time now)
    : settings_(settings),
      started_(now),
      configured_(configured.begin(), configured.end()),
      listening_(listening),
      released_(configured.empty() && !listening) {}

void StartupHold::on_established(bgp::PeerId peer, const hash::IpAddress& address, bgp::FamilySet families, Time now) {
  peers_[peer] = {.address = address, .families = families, .last_heard = now};
  if (!first_session_) first_session_ = now;
}

void StartupHold::on_update(bgp::PeerId peer, Time now) {
  const auto found = peers_.find(peer);
  if (found != peers_.end()) found->second.last_heard = now;
}

void StartupHold::on_end_of_rib(bgp::PeerId peer, bgp::Family family) {
  const auto found = peers_.find(peer);
  if (found != peers_.end()) found->second.ended.insert(family);
}

void StartupHold::on_down(bgp::PeerId peer) { peers_.erase(peer); }

bool StartupHold::complete(const Peer& peer, Time now) const {
  return (peer.ended & peer.families) == peer.families || now - peer.last_heard >= settings_.quiet;
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

std::optional<StartupHold::Time> StartupHold::deadline() const {
  // With listen ranges only, a router that nobody has called yet has nothing to install and may wait.
  if (!configured_.empty()) return started_ + settings_.limit;
  if (first_session_) return *first_session_ + settings_.limit;
  return std::nullopt;
}

bool StartupHold::tick(Time now, bool nexthops_settled) {
  if (released_) return true;
  const auto limit = deadline();
  released_ = (limit && now >= *limit) || (nexthops_settled && tables_complete(now));
  return released_;
}

std::optional<StartupHold::Time> StartupHold::next_tick(Time now) const {
  if (released_) return std::nullopt;
  std::optional<Time> next = deadline();
  for (const auto& [id, peer] : peers_) {
    const Time quiet = peer.last_heard + settings_.quiet;
    if (quiet > now && (!next || quiet < *next)) next = quiet;
  }
  return next;
}

}  // namespace ecmpd::control
