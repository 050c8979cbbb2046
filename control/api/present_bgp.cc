#include <fmt/core.h>

#include <algorithm>

#include "control/api/present.h"
#include "control/api/words.h"
#include "control/zone_names.h"

namespace ecmpd::control::api {
namespace {

bool established(const BgpPeerView& peer) { return peer.state == "Established"; }

std::string uptime(const BgpPeerView& peer) { return peer.uptime_msec ? uptime_text(*peer.uptime_msec) : "never"; }

/// One column as in FRR: the count once there is a session, the state's name until then.
std::string state_or_prefixes(const BgpPeerView& peer) {
  if (established(peer) && peer.imports_nothing) return "(Policy)";
  return established(peer) ? fmt::format("{}", peer.prefixes_received) : peer.state;
}

Row summary_row(const BgpPeerView& peer) {
  return {zoned_text(peer.address),
          uint64_t{4},
          peer.remote_as,
          peer.local_as,
          peer.received.total(),
          peer.sent.total(),
          uptime(peer),
          peer.uptime_msec.value_or(0),
          state_or_prefixes(peer),
          peer.prefixes_received,
          peer.prefixes_sent,
          peer.state,
          peer.connections_established,
          peer.connections_dropped,
          peer.dynamic,
          peer.address.is_v4() ? "ipv4" : "ipv6"};
}

}  // namespace

Table present_bgp_summary(const BgpSummaryView& summary) {
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
  for (const BgpPeerView& peer : summary.peers) rows.push_back(summary_row(peer));
  const auto count = [&](auto what) {
    return static_cast<uint64_t>(std::count_if(summary.peers.begin(), summary.peers.end(), what));
  };
  Table table;
  table.shape = Table::Shape::kRecord;
  table.name = "ipv4Unicast";
  table.title =
      fmt::format("BGP router identifier {}, local AS number {}", router_id_text(summary.router_id), summary.as);
  table.columns = {{"", "routerId"},    {"", "as"},
                   {"", "peerCount"},   {"", "peers", Align::kLeft, peer_columns, "address"},
                   {"", "failedPeers"}, {"", "totalPeers"},
                   {"", "dynamicPeers"}};
  const uint64_t peers = summary.peers.size();
  table.rows = {{router_id_text(summary.router_id), summary.as, peers, std::move(rows),
                 count([](const BgpPeerView& peer) { return !established(peer); }), peers,
                 count([](const BgpPeerView& peer) { return peer.dynamic; })}};
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
  const auto last_reset = peer.last_reset.empty() ? std::nullopt : std::optional(peer.last_reset);
  const std::string family = "addressFamilyInfo/ipv4Unicast/";
  Table table = record({
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
      {{"Prefixes accepted", family + "acceptedPrefixCounter"}, peer.prefixes_received},
      {{"Prefixes filtered", family + "filteredPrefixCounter"}, peer.prefixes_filtered},
      {{"Prefixes sent", family + "sentPrefixCounter"}, peer.prefixes_sent},
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
      {{"Last reset", "lastResetDueTo"}, last_reset},
      {{"", "lastResetTimerMsecs"}, peer.last_reset_msec},
      {{"Last reset, ago", ""}, peer.last_reset_msec ? Cell(uptime_text(*peer.last_reset_msec)) : Cell()},
      {{"Local host", "hostLocal"}, text(peer.local_address)},
      {{"Local port", "portLocal"}, if_up(peer.local_port)},
      {{"", "hostForeign"}, up ? Cell(zoned_text(peer.address)) : Cell()},
      {{"Foreign port", "portForeign"}, if_up(peer.remote_port)},
  });
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
