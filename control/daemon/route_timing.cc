#include "control/daemon/route_timing.h"

namespace ecmpd::control {

RouteTiming::Peer* RouteTiming::find(bgp::PeerId peer) {
  const auto index = static_cast<size_t>(peer);
  return index < peers_.size() && peers_[index] ? &*peers_[index] : nullptr;
}

void RouteTiming::on_established(bgp::PeerId peer, const hash::IpAddress& address) {
  const auto index = static_cast<size_t>(peer);
  if (index >= peers_.size()) peers_.resize(index + 1);
  for (size_t i = 0; i < peers_.size(); ++i) {  // it may have had another id before
    if (i != index && peers_[i] && peers_[i]->address == address) peers_[i].reset();
  }
  auto& place = peers_[index];
  if (!place || place->address != address) place = Peer{.address = address, .routes = {}, .left = {}, .cleaned = {}};
}

void RouteTiming::on_update(bgp::PeerId peer, size_t prefixes) {
  if (!runs_.empty() && runs_.back().peer == peer && runs_.back().read == read_) {
    runs_.back().prefixes += prefixes;
  } else {
    runs_.push_back({peer, read_, prefixes});
  }
}

void RouteTiming::on_retained(bgp::PeerId peer) {
  Peer* const here = find(peer);
  if (here == nullptr) return;
  here->left.reset();
  here->cleaned.reset();
}

void RouteTiming::on_down(bgp::PeerId peer, Time detected, std::optional<Time> left) {
  on_retained(peer);
  Peer* const here = find(peer);
  if (here == nullptr) return;
  if (left) here->left = *left - detected;
  losses_.push_back({peer, detected});
}

void RouteTiming::on_flushed(Time now, bool waits) {
  for (const Run& run : runs_) {
    if (Peer* const here = find(run.peer); here != nullptr && !waits) here->routes.add(now - run.read, run.prefixes);
  }
  runs_.clear();
  for (const Loss& loss : losses_) {
    if (Peer* const here = find(loss.peer)) here->cleaned = now - loss.detected;
  }
  losses_.clear();
}

}  // namespace ecmpd::control
