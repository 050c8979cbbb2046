// BGP sessions, as they are shown.
#include <algorithm>

#include "control/daemon/state_source.h"

namespace ecmpd::control {

namespace {

api::BgpMessageCounts counts(const std::array<uint64_t, bgp::kMessageTypes + 1>& by_type) {
  const auto of = [&by_type](bgp::MessageType type) { return by_type[static_cast<size_t>(type)]; };
  return {.opens = of(bgp::MessageType::kOpen),
          .updates = of(bgp::MessageType::kUpdate),
          .keepalives = of(bgp::MessageType::kKeepalive),
          .notifications = of(bgp::MessageType::kNotification),
          .route_refreshes = of(bgp::MessageType::kRouteRefresh)};
}

// A peer names itself as it likes: what could end a line or is no ASCII becomes "?".
std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return text;
}

api::BgpCapabilitiesView capabilities(const BgpPeerReport& peer) {
  const bgp::SessionParameters& session = peer.status.parameters;
  api::BgpCapabilitiesView out{.ipv4_unicast = session.families.ipv4,
                               .ipv6_unicast = session.families.ipv6,
                               .ipv4_add_path = session.add_path.ipv4,
                               .ipv6_add_path = session.add_path.ipv6,
                               .extended_message = session.extended_message,
                               .route_refresh = session.route_refresh,
                               .graceful_restart = peer.graceful_restart && session.graceful_restart.offered,
                               .hostname = {}};
  if (out.graceful_restart) out.restart_time_msec = session.graceful_restart.restart_time.count() * uint64_t{1000};
  if (const auto& remote = peer.status.remote) {
    constexpr uint8_t kOldRouteRefresh = 128;
    const auto& codes = remote->capability_codes;
    out.old_route_refresh = std::find(codes.begin(), codes.end(), kOldRouteRefresh) != codes.end();
    out.hostname = printable(remote->hostname);
  }
  return out;
}

struct Endpoint {
  std::optional<IpAddress> address;
  uint16_t port = 0;
};
/// "10.0.1.1:179", or "[fd00::1]:179".
Endpoint parse_endpoint(const std::string& text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return {};
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  return {IpAddress::parse(host), static_cast<uint16_t>(std::strtoul(text.c_str() + colon + 1, nullptr, 10))};
}

}  // namespace

api::BgpFamilyView DaemonState::carried(bgp::PeerId peer, hash::Family family) const {
  api::BgpFamilyView out{.sent = routes_.exports().announced(peer, family)};
  if (const PeerCounters* counters = routes_.rib().counters(peer)) {
    const PeerCounters::Family paths = counters->of(family);
    out.received = paths.accepted;
    out.filtered = static_cast<uint32_t>(paths.filtered + paths.not_kept);
  }
  return out;
}

api::BgpPeerView DaemonState::present(const BgpPeerReport& peer) const {
  const bgp::SessionStatus& status = peer.status;
  api::BgpPeerView out;
  out.address = peer.address;
  out.local_as = config_.router.asn;
  out.dynamic = peer.dynamic;
  out.state = bgp::to_string(status.state);
  const bool established = status.state == bgp::State::kEstablished;
  if (established) {
    out.remote_as = status.parameters.asn;
    out.remote_router_id = status.parameters.router_id;
    out.hold_time_msec = status.parameters.hold_time * uint64_t{1000};
    out.keepalive_msec = status.parameters.keepalive * uint64_t{1000};
    out.four_octet_as = status.parameters.four_octet_as;
    out.capabilities = capabilities(peer);
  } else if (peer.configured_as.size() == 1) {
    out.remote_as = peer.configured_as.front();
  }
  if (status.established_count > 0) out.uptime_msec = static_cast<uint64_t>(peer.age.count());
  out.received = counts(status.received);
  out.sent = counts(status.sent);
  out.damaged_updates = status.damaged_updates;
  out.carried_ipv6 = status.parameters.families.ipv6;
  if (established) {
    out.ipv4 = carried(peer.id, hash::Family::kIpv4);
    out.ipv6 = carried(peer.id, hash::Family::kIpv6);
  }
  out.imports_nothing = peer.imports_nothing;
  out.connections_established = status.established_count;
  out.connections_dropped = status.established_count - (established ? 1 : 0);
  const Endpoint local = parse_endpoint(peer.local_endpoint);
  out.local_address = local.address;
  out.local_port = local.port;
  out.remote_port = parse_endpoint(peer.remote_endpoint).port;
  if (status.last_reset) {
    out.last_reset = status.last_reset->reason;
  } else if (status.established_count == 0) {
    out.last_reset = status.last_down;  // it never came as far
  }
  if (peer.reset_age) out.last_reset_msec = static_cast<uint64_t>(peer.reset_age->count());
  if (status.last_reset && status.last_reset->notification) {
    const bgp::EndingNotification& ending = *status.last_reset->notification;
    out.last_notification = api::BgpNotificationView{.sent = ending.sent,
                                                     .hard_reset = ending.hard_reset,
                                                     .code = static_cast<uint8_t>(ending.code),
                                                     .subcode = ending.subcode,
                                                     .reason = ending.name,
                                                     .shutdown_communication = ending.shutdown_communication};
  }
  return out;
}

api::BgpSummaryView DaemonState::bgp_summary() {
  api::BgpSummaryView out{.router_id = config_.router.router_id, .as = config_.router.asn, .peers = {}};
  const RibCounters rib = routes_.rib().counters();
  out.ipv4_prefixes = rib.prefixes - rib.ipv6_prefixes;
  out.ipv6_prefixes = rib.ipv6_prefixes;
  for (const BgpPeerReport& peer : routes_.speaker().peers()) out.peers.push_back(present(peer));
  return out;
}

std::optional<api::BgpPeerView> DaemonState::bgp_peer(const IpAddress& address) {
  std::optional<api::BgpPeerView> out;
  for (const BgpPeerReport& peer : routes_.speaker().peers()) {
    if (peer.address == address) return present(peer);
    if (peer.address.without_zone() != address) continue;
    if (out) return std::nullopt;
    out = present(peer);
  }
  return out;
}

std::vector<api::BgpTimingView> DaemonState::bgp_timing() {
  const auto usec = [](std::optional<std::chrono::nanoseconds> duration) {
    return duration ? std::optional(static_cast<uint64_t>(duration->count() / 1000)) : std::nullopt;
  };
  std::vector<api::BgpTimingView> out;
  for (const auto& peer : routes_.timing().peers()) {
    if (!peer) continue;
    const DurationHistogram& routes = peer->routes;
    api::BgpTimingView& view = out.emplace_back();
    view.address = peer->address;
    view.routes = routes.count();
    view.median_usec = routes.quantile_usec(0.5);
    view.p99_usec = routes.quantile_usec(0.99);
    view.max_usec = routes.maximum_usec();
    for (size_t i = 0; i < DurationHistogram::kBuckets; ++i) {
      if (routes.in_bucket(i) > 0) view.buckets.push_back({DurationHistogram::bound_usec(i), routes.in_bucket(i)});
    }
    view.left_usec = usec(peer->left);
    view.cleaned_usec = usec(peer->cleaned);
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.address < b.address; });
  return out;
}

}  // namespace ecmpd::control
