#include <fmt/core.h>

#include <algorithm>

#include "control/api/present.h"
#include "control/api/words.h"
#include "control/zone_names.h"

namespace ecmpd::control::api {
namespace {

bool established(const BgpPeerView& peer) { return peer.state == "Established"; }

std::string uptime(const BgpPeerView& peer) { return peer.uptime_msec ? uptime_text(*peer.uptime_msec) : "never"; }

bool negotiated(const BgpPeerView& peer, hash::Family family) {
  return family == hash::Family::kIpv6 ? peer.capabilities.ipv6_unicast : peer.capabilities.ipv4_unicast;
}

const BgpFamilyView& carried(const BgpPeerView& peer, hash::Family family) {
  return family == hash::Family::kIpv6 ? peer.ipv6 : peer.ipv4;
}

/// One column as in FRR: the count once there is a session, the state's name until then.
std::string state_or_prefixes(const BgpPeerView& peer, hash::Family family) {
  if (!established(peer)) return peer.state;
  if (peer.imports_nothing) return "(Policy)";
  return negotiated(peer, family) ? fmt::format("{}", carried(peer, family).received) : "NoNeg";
}

/// "2", or with a second family "2 IPv4, 3 IPv6".
std::string by_family(const BgpPeerView& peer, uint32_t BgpFamilyView::*number) {
  return peer.carried_ipv6 ? fmt::format("{} IPv4, {} IPv6", peer.ipv4.*number, peer.ipv6.*number)
                           : fmt::format("{}", peer.ipv4.*number);
}

/// FRR's words where it has them.
Cell reset_due_to(const BgpPeerView& peer) {
  if (const auto& ending = peer.last_notification) {
    return ending->sent ? "BGP Notification send" : "BGP Notification received";
  }
  const bool closed = peer.last_reset == "closed by the peer" || peer.last_reset == "Connection reset by peer";
  if (closed) return "Peer closed the session";
  return peer.last_reset.empty() ? Cell() : Cell(peer.last_reset);
}

Row summary_row(const BgpPeerView& peer, hash::Family family) {
  return {zoned_text(peer.address),
          uint64_t{4},
          peer.remote_as,
          peer.local_as,
          peer.received.total(),
          peer.sent.total(),
          uptime(peer),
          peer.uptime_msec.value_or(0),
          state_or_prefixes(peer, family),
          carried(peer, family).received,
          carried(peer, family).sent,
          peer.state,
          peer.connections_established,
          peer.connections_dropped,
          peer.dynamic,
          peer.address.is_v4() ? "ipv4" : "ipv6"};
}

/// The object of one family, which lists `peers`.
std::vector<Field> summary_of(hash::Family family, const BgpSummaryView& summary, const char* heading,
                              const std::vector<const BgpPeerView*>& peers) {
  const auto right = Align::kRight;
  const std::vector<Column> peer_columns = {{"Neighbor", "address"},
                                            {"V", "version", right},
                                            {"AS", "remoteAs", right},
                                            {"", "localAs"},
                                            {"MsgRcvd", "msgRcvd", right},
                                            {"MsgSent", "msgSent", right},
                                            {"Up/Down", "peerUptime", right},
                                            {"", "peerUptimeMsec"},
                                            {"State/PfxRcd", "", right},
                                            {"", "pfxRcd"},
                                            {"PfxSnt", "pfxSnt", right},
                                            {"", "state"},
                                            {"", "connectionsEstablished"},
                                            {"", "connectionsDropped"},
                                            {"", "dynamicPeer"},
                                            {"", "idType"}};
  std::vector<Row> rows;
  for (const BgpPeerView* peer : peers) rows.push_back(summary_row(*peer, family));
  const auto count = [&](auto what) { return static_cast<uint64_t>(std::count_if(peers.begin(), peers.end(), what)); };
  const bool ipv6 = family == hash::Family::kIpv6;
  const std::string object = ipv6 ? "ipv6Unicast/" : "ipv4Unicast/";
  const uint64_t total = peers.size();
  return {{{"", object + "routerId"}, router_id_text(summary.router_id)},
          {{"", object + "as"}, summary.as},
          {{"", object + "ribCount"}, ipv6 ? summary.ipv6_prefixes : summary.ipv4_prefixes},
          {{"", object + "peerCount"}, total},
          {{heading, object + "peers", Align::kLeft, peer_columns, "address"}, std::move(rows)},
          {{"", object + "failedPeers"}, count([](const BgpPeerView* peer) { return !established(*peer); })},
          {{"", object + "totalPeers"}, total},
          {{"", object + "dynamicPeers"}, count([](const BgpPeerView* peer) { return peer->dynamic; })}};
}

}  // namespace

// IPv4 lists every peer, as FRR does where each is activated; IPv6 those that ever had it, and is left out without one.
Table present_bgp_summary(const BgpSummaryView& summary) {
  std::vector<const BgpPeerView*> all, ipv6;
  for (const BgpPeerView& peer : summary.peers) {
    all.push_back(&peer);
    if (peer.carried_ipv6) ipv6.push_back(&peer);
  }
  const char* const heading = ipv6.empty() ? "" : "IPv4 Unicast Summary:";
  std::vector<Field> fields = summary_of(hash::Family::kIpv4, summary, heading, all);
  if (!ipv6.empty()) {
    for (Field& field : summary_of(hash::Family::kIpv6, summary, "IPv6 Unicast Summary:", ipv6)) {
      fields.push_back(std::move(field));
    }
  }
  Table table = record(std::move(fields));
  table.title =
      fmt::format("BGP router identifier {}, local AS number {}", router_id_text(summary.router_id), summary.as);
  return table;
}

Table present_bgp_peer(const BgpPeerView& peer, uint32_t router_id) {
  const auto text = [&](const std::optional<IpAddress>& address) { return text_of(address); };
  const auto messages = [&](const char* name, uint64_t sent, uint64_t received) {
    return fmt::format("{} {} sent, {} received", name, sent, received);
  };
  const bool up = established(peer);
  const auto if_up = [&](uint64_t number) { return up ? std::optional(number) : std::nullopt; };
  const BgpCapabilitiesView& has = peer.capabilities;
  const auto both = [&](bool negotiated) { return up && negotiated ? Cell("advertisedAndReceived") : Cell(); };
  const auto if_true = [&](bool negotiated) { return up && negotiated ? Cell(true) : Cell(); };
  const Cell route_refresh = !up || !has.route_refresh ? Cell()
                                                       : Cell(has.old_route_refresh ? "advertisedAndReceivedOldNew"
                                                                                    : "advertisedAndReceivedNew");
  const auto& ending = peer.last_notification;
  const auto last_reset = peer.last_reset.empty() ? std::nullopt : std::optional(peer.last_reset);
  const std::string ipv4 = "addressFamilyInfo/ipv4Unicast/", ipv6 = "addressFamilyInfo/ipv6Unicast/";
  std::vector<Field> fields = {
      {{"Neighbor", ""}, zoned_text(peer.address)},
      {{"Remote AS", "remoteAs"}, peer.remote_as},
      {{"Local AS", "localAs"}, peer.local_as},
      {{"Dynamic", "dynamicPeer"}, peer.dynamic},
      {{"", "bgpVersion"}, uint64_t{4}},
      {{"Remote router ID", "remoteRouterId"},
       peer.remote_router_id ? Cell(router_id_text(*peer.remote_router_id)) : Cell()},
      {{"Local router ID", "localRouterId"}, router_id_text(router_id)},
      {{"State", "bgpState"}, peer.state},
      {{"Up/Down", "bgpTimerUpString"}, uptime(peer)},
      {{"", "bgpTimerUpMsec"}, peer.uptime_msec.value_or(0)},
      {{"", "bgpTimerHoldTimeMsecs"}, if_up(peer.hold_time_msec)},
      {{"", "bgpTimerKeepAliveIntervalMsecs"}, if_up(peer.keepalive_msec)},
      {{"Hold time, s", ""}, up ? Cell(Real{static_cast<double>(peer.hold_time_msec) / 1000, 0}) : Cell()},
      {{"Keepalive, s", ""}, up ? Cell(Real{static_cast<double>(peer.keepalive_msec) / 1000, 0}) : Cell()},
      {{"4-octet AS", ""}, up ? Cell(peer.four_octet_as) : Cell()},
      {{"", "neighborCapabilities/4byteAs"}, both(peer.four_octet_as)},
      {{"", "neighborCapabilities/extendedMessage"}, both(has.extended_message)},
      {{"", "neighborCapabilities/addPath/ipv4Unicast/rxAdvertisedAndReceived"}, if_true(has.ipv4_add_path)},
      {{"", "neighborCapabilities/addPath/ipv6Unicast/rxAdvertisedAndReceived"}, if_true(has.ipv6_add_path)},
      {{"", "neighborCapabilities/routeRefresh"}, route_refresh},
      {{"", "neighborCapabilities/multiprotocolExtensions/ipv4Unicast/advertisedAndReceived"},
       if_true(has.ipv4_unicast)},
      {{"", "neighborCapabilities/multiprotocolExtensions/ipv6Unicast/advertisedAndReceived"},
       if_true(has.ipv6_unicast)},
      {{"", "neighborCapabilities/hostName/rcvHostName"}, up && !has.hostname.empty() ? Cell(has.hostname) : Cell()},
      {{"", "neighborCapabilities/gracefulRestart"}, both(has.graceful_restart)},
      {{"", "neighborCapabilities/gracefulRestartRemoteTimerMsecs"},
       up && has.graceful_restart ? Cell(has.restart_time_msec) : Cell()},
      {{"Import", ""}, peer.imports_nothing ? Cell("accepts nothing, as RFC 8212 has it without a policy") : Cell()},
      {{"Prefixes accepted", ""}, by_family(peer, &BgpFamilyView::received)},
      {{"Prefixes filtered", ""}, by_family(peer, &BgpFamilyView::filtered)},
      {{"Prefixes sent", ""}, by_family(peer, &BgpFamilyView::sent)},
      {{"", ipv4 + "acceptedPrefixCounter"}, peer.ipv4.received},
      {{"", ipv4 + "filteredPrefixCounter"}, peer.ipv4.filtered},
      {{"", ipv4 + "sentPrefixCounter"}, peer.ipv4.sent},
      {{"Messages", ""}, messages("total", peer.sent.total(), peer.received.total())},
      {{"", "messageStats/opensSent"}, peer.sent.opens},
      {{"", "messageStats/opensRecv"}, peer.received.opens},
      {{"", "messageStats/notificationsSent"}, peer.sent.notifications},
      {{"", "messageStats/notificationsRecv"}, peer.received.notifications},
      {{"", "messageStats/updatesSent"}, peer.sent.updates},
      {{"", "messageStats/updatesRecv"}, peer.received.updates},
      {{"", "messageStats/keepalivesSent"}, peer.sent.keepalives},
      {{"", "messageStats/keepalivesRecv"}, peer.received.keepalives},
      {{"", "messageStats/routeRefreshSent"}, peer.sent.route_refreshes},
      {{"", "messageStats/routeRefreshRecv"}, peer.received.route_refreshes},
      {{"", "messageStats/totalSent"}, peer.sent.total()},
      {{"", "messageStats/totalRecv"}, peer.received.total()},
      {{"Updates", ""}, messages("", peer.sent.updates, peer.received.updates).substr(1)},
      {{"Damaged updates", "messageStats/damagedUpdatesRecv"}, peer.damaged_updates},
      {{"Connections established", "connectionsEstablished"}, peer.connections_established},
      {{"Connections dropped", "connectionsDropped"}, peer.connections_dropped},
      {{"Last reset", "lastResetReason"}, last_reset},
      {{"", "lastResetDueTo"}, reset_due_to(peer)},
      {{"", "lastNotificationReason"}, ending ? Cell(ending->reason) : Cell()},
      {{"", "lastErrorCodeSubcode"},
       ending ? Cell(fmt::format("{:02X}{:02X}", ending->code, ending->subcode)) : Cell()},
      {{"", "lastNotificationHardReset"}, ending ? Cell(ending->hard_reset) : Cell()},
      {{"", "lastShutdownDescription"},
       ending && !ending->shutdown_communication.empty() ? Cell(ending->shutdown_communication) : Cell()},
      {{"", "lastResetTimerMsecs"}, peer.last_reset_msec},
      {{"Last reset, ago", ""}, peer.last_reset_msec ? Cell(uptime_text(*peer.last_reset_msec)) : Cell()},
      {{"Local host", "hostLocal"}, text(peer.local_address)},
      {{"Local port", "portLocal"}, if_up(peer.local_port)},
      {{"", "hostForeign"}, up ? Cell(zoned_text(peer.address)) : Cell()},
      {{"Foreign port", "portForeign"}, if_up(peer.remote_port)},
  };
  if (peer.carried_ipv6) {
    fields.push_back({{"", ipv6 + "acceptedPrefixCounter"}, peer.ipv6.received});
    fields.push_back({{"", ipv6 + "filteredPrefixCounter"}, peer.ipv6.filtered});
    fields.push_back({{"", ipv6 + "sentPrefixCounter"}, peer.ipv6.sent});
  }
  Table table = record(std::move(fields));
  table.name = zoned_text(peer.address);
  return table;
}

Table present_bgp_timing(const std::vector<BgpTimingView>& neighbors) {
  const auto right = Align::kRight;
  Table table;
  table.name = "timing";
  table.columns = {{"Neighbor", "neighbor"},
                   {"Routes", "routes", right},
                   {"Median, us", "medianUsec", right},
                   {"P99, us", "p99Usec", right},
                   {"Max, us", "maxUsec", right},
                   {"Left, us", "leftUsec", right},
                   {"Cleaned, us", "cleanedUsec", right},
                   {"", "buckets", Align::kLeft, {{"", "belowUsec"}, {"", "routes"}}}};
  for (const BgpTimingView& one : neighbors) {
    std::vector<Row> buckets;
    for (const auto& bucket : one.buckets) buckets.push_back({bucket.below_usec, bucket.routes});
    table.rows.push_back({zoned_text(one.address), one.routes, one.median_usec, one.p99_usec, one.max_usec,
                          one.left_usec, one.cleaned_usec, std::move(buckets)});
  }
  return table;
}

}  // namespace ecmpd::control::api
