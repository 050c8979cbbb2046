#include "control/daemon/route_side.h"

#include <net/if.h>

#include "control/host/twin.h"
#include "control/log.h"
#include "control/nexthop/atomic_file.h"
#include "hash/count_text.h"

namespace ecmpd::control {

namespace {

// The record is written when the routes have been quiet for one check, but at least this often.
constexpr auto kSaveCheck = std::chrono::milliseconds(500);
constexpr auto kLongestUnsaved = std::chrono::seconds(10);
// Of a larger table the record takes too long for every node that leaves or returns: who is away is recorded with the
// next change of a layout, and at the end.
constexpr size_t kSmallTable = 50000;

// How often neighbors that have withdrawn routes are asked for those that were discarded for maximum_prefix.
constexpr auto kRoomCheck = std::chrono::seconds(5);

Time now() { return std::chrono::steady_clock::now(); }

// While the first tables are awaited after a restart nobody is told that there is no way. With listen ranges that may
// be for ever.
constexpr auto kLongestSilence = std::chrono::seconds(10);

dataplane::Adjacency drop(dataplane::DropReason reason) {
  return {.kind = dataplane::AdjacencyKind::kDrop, .reason = reason};
}

LayoutSettings layout_settings(const Config& config) {
  return {.selector = config.ecmp.selector,
          .seed = config.ecmp.seed,
          .buckets = config.ecmp.buckets,
          .settle = std::chrono::seconds(1),
          .forget_after = std::chrono::seconds(config.ecmp.forget_after)};
}

// The twins are there: a link-local peer is reached through that of its port.
BgpConfig bgp_config(const Config& config) {
  BgpConfig out{.router = config.router, .neighbors = config.neighbors, .listens = config.listens};
  for (unsigned index = 0; index < config.ports.size(); ++index) {
    out.interfaces.push_back(if_nametoindex(twin_name(config.ports[index].name, index).c_str()));
  }
  return out;
}

std::vector<IpAddress> configured_peers(const Config& config) {
  std::vector<IpAddress> out;
  for (const NeighborConfig& neighbor : config.neighbors) out.push_back(neighbor.address);
  return out;
}

}  // namespace

RouteSide::RouteSide(const Config& config, Reactor& reactor, dataplane::Publisher& publisher,
                     std::vector<std::optional<IpAddress>> link_locals)
    : config_(config),
      reactor_(reactor),
      publisher_(publisher),
      forwarding_(publisher),
      rib_({.asn = config.router.asn, .maximum_paths = config.ecmp.maximum_paths}, sets_),
      installer_({.layouts = layout_settings(config),
                  .nowhere = {.resolving = publisher.add_adjacency(drop(dataplane::DropReason::kResolving)),
                              .unresolved = dataplane::kUnresolvedAdjacency},
                  .blackhole = publisher.add_adjacency(drop(dataplane::DropReason::kBlackhole)),
                  .hold = true},
                 forwarding_, sets_, rib_.table()),
      started_(now()),
      hold_(configured_peers(config), !config.listens.empty(), {}, started_),
      exports_(config_, rib_, installer_, std::move(link_locals)),
      speaker_(reactor, *this),
      stale_timers_(reactor, rib_, [this] { schedule_flush(); }) {
  installer_.on_flipped([this] { schedule_flush(); });
}

RouteSide::~RouteSide() = default;

tl::expected<void, std::string> RouteSide::start() {
  restore_record();
  std::vector<InterfaceAddress> addresses;
  for (const PortConfig& port : config_.ports) {
    addresses.insert(addresses.end(), port.addresses.begin(), port.addresses.end());
  }
  rib_.set_interfaces(addresses);
  rib_.set_static_routes(config_.routes);
  flush();
  if (!config_.neighbors.empty() || !config_.listens.empty()) {
    const auto applied = speaker_.apply(bgp_config(config_));
    if (!applied) return applied;
  }
  hold_timer_ = reactor_.every(std::chrono::milliseconds(50), [this] { check_hold(); });
  save_timer_ = reactor_.every(kSaveCheck, [this] { save_when_quiet(); });
  retry_timer_ = reactor_.every(std::chrono::seconds(1), [this] { installer_.retry_not_installed(); });
  expire_timer_ = reactor_.every(std::chrono::minutes(1), [this] { installer_.expire(now()); });
  room_timer_ = reactor_.every(kRoomCheck, [this] {
    for (const IpAddress& peer : rib_.take_peers_with_room()) speaker_.request_refresh(peer);
  });
  check_hold();
  return {};
}

tl::expected<void, std::string> RouteSide::reload(const Config& before) {
  if (config_.neighbors != before.neighbors || config_.listens != before.listens) {
    const auto applied = speaker_.apply(bgp_config(config_));
    if (!applied) return applied;
  }
  if (config_.routes != before.routes) rib_.set_static_routes(config_.routes);
  rib_.set_maximum_paths(config_.ecmp.maximum_paths);
  flush();
  if (config_.ecmp != before.ecmp) installer_.configure(layout_settings(config_), now());
  return {};
}

void RouteSide::stop(std::function<void()> done) {
  hold_timer_.cancel();
  save_timer_.cancel();
  if (revision() != saved_) save_record();  // before the sessions end and take their routes along
  speaker_.stop(std::move(done));
}

void RouteSide::on_read() { timing_.on_read(now()); }

void RouteSide::on_established(bgp::PeerId peer, const bgp::PeerInfo& info) {
  timing_.on_established(peer, info.address);
  hold_.on_established(peer, info, now());
  rib_.on_established(peer, info);
  exports_.established(peer, info);
  stale_timers_.on_established(peer);
  schedule_flush();
}

bgp::UpdateVerdict RouteSide::on_update(bgp::PeerId peer, const bgp::RouteUpdate& update) {
  if (!hold_.released()) hold_.on_update(peer, now());
  timing_.on_update(peer, update.announced.size() + update.withdrawn.size());
  const bgp::UpdateVerdict verdict = rib_.on_update(peer, update);
  schedule_flush();
  return verdict;
}

void RouteSide::on_end_of_rib(bgp::PeerId peer, bgp::Family family) {
  hold_.on_end_of_rib(peer, family);
  rib_.on_end_of_rib(peer, family);
  stale_timers_.on_end_of_rib(peer);
  schedule_flush();
}

void RouteSide::on_down(bgp::PeerId peer, std::string_view reason, const bgp::Retain& retain) {
  if (retain.any()) {
    timing_.on_retained(peer);
  } else {
    const Time detected = now();
    timing_.on_down(peer, detected, nexthops_leave(peer));
  }
  hold_.on_down(peer);
  stale_timers_.on_down(peer);
  exports_.down(peer);
  rib_.on_down(peer, reason, retain);
  schedule_flush();
}

/// Many prefixes take a while, its groups do not. When the nexthops were out, if there are any.
std::optional<Time> RouteSide::nexthops_leave(bgp::PeerId peer) {
  const auto nexthops = rib_.sole_nexthops(peer);
  installer_.nexthops_leave(nexthops);
  return nexthops.empty() ? std::nullopt : std::optional(now());
}

void RouteSide::on_forgotten(bgp::PeerId peer) {
  const Time detected = now();
  timing_.on_down(peer, detected, nexthops_leave(peer));
  rib_.on_forgotten(peer);
  schedule_flush();
}

bool RouteSide::on_policy(bgp::PeerId peer, const PeerPolicy& policy) {
  const bool again = rib_.on_policy(peer, policy);
  exports_.policy_changed(peer, policy);
  schedule_flush();
  return again;
}

void RouteSide::on_refresh(bgp::PeerId peer, bgp::Family family) {
  if (exports_.refresh(peer, family)) schedule_flush();
}

void RouteSide::schedule_flush() {
  if (std::exchange(flush_scheduled_, true)) return;
  reactor_.post([this] { flush(); });
}

void RouteSide::flush() {
  flush_scheduled_ = false;
  changes_.clear();
  changed_.clear();
  rib_.flush(changes_, exports_.any() ? &changed_ : nullptr);
  if (!changes_.empty()) installer_.apply(changes_, now());
  installer_.nexthops_stay();
  timing_.on_flushed(now(), installer_.held());
  installer_.take_flipped(exports_.any() ? &changed_ : nullptr);
  // Others are told when packets find their way; before the startup hold is over they do not.
  if (exports_.any() && !installer_.held()) exports_.send(changed_, speaker_);
  // Upstream, packets for all of an aggregate may now be sent here: those for nobody must not go back by another route.
  installer_.set_discard_routes(exports_.aggregates());
}

void RouteSide::check_hold() {
  const Time at = now();
  const bool over = hold_.tick(at, {installer_.nexthops_settled(), installer_.expected_are_back()});
  if (!over) {
    if (hold_.idle() && at - started_ >= kLongestSilence) say_no_route();
    return;
  }
  hold_timer_.cancel();
  const size_t waited = installer_.counters().held;
  installer_.release(at);
  say_no_route();
  exports_.everything_again();
  schedule_flush();
  if (!config_.neighbors.empty() || !config_.listens.empty()) {
    log::info("route", "the startup hold is over; {} waited for it", hash::count_text(waited, "prefix", "prefixes"));
  }
}

void RouteSide::say_nothing() {
  silent_ = true;
  publisher_.replace_adjacency(dataplane::kNoRouteAdjacency, drop(dataplane::DropReason::kStarting));
}

void RouteSide::say_no_route() {
  if (!std::exchange(silent_, false)) return;
  publisher_.replace_adjacency(dataplane::kNoRouteAdjacency, drop(dataplane::DropReason::kNoRoute));
}

void RouteSide::restore_record() {
  const auto text = read_whole_file(config_.ecmp.state_file);
  std::string problem;
  if (!text) {
    problem = text.error();
  } else if (*text) {
    if (!hold_.released()) say_nothing();  // there were connections before this start, perhaps
    const auto record = parse_layout_record(**text);
    problem = record ? installer_.restore(*record, now()) : record.error();
  }
  if (!problem.empty()) log::warn("route", "{}: {}; flows may move", config_.ecmp.state_file, problem);
  saved_ = revision();
}

RouteSide::Revision RouteSide::revision() const { return {installer_.revision(), installer_.away_changes()}; }

void RouteSide::save_when_quiet() {
  Revision now_there = revision();
  if (installer_.counters().routes > kSmallTable) now_there.away = saved_.away;
  if (now_there == saved_) {
    unsaved_since_.reset();
    return;
  }
  const bool quiet = now_there == std::exchange(seen_, now_there);
  if (!unsaved_since_) unsaved_since_ = now();
  if (quiet || now() - *unsaved_since_ >= kLongestUnsaved) save_record();
}

void RouteSide::save_record() {
  if (installer_.held()) return;
  saved_ = revision();
  const auto written = write_file_atomically(config_.ecmp.state_file, serialize(installer_.record()));
  if (!written) log::warn("route", "home layouts are not recorded: {}", written.error());
}

}  // namespace ecmpd::control
