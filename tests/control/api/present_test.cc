#include "control/api/present.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/control/api/fake_state.h"

namespace ecmpd::control::api {
namespace {

using Json = nlohmann::json;

Json json_of(const Table& table) { return Json::parse(to_json(table)); }

TEST(Present, RoutesAreTheContract) {
  FakeState state;
  EXPECT_EQ(json_of(present_routes({state.table[2]})), Json::parse(R"({"routes":[
      {"prefix":"203.0.113.10/32","source":"bgp","installed":true,"group":2,"nexthops":[
        {"address":"10.0.1.11","port":"node1","weight":1,"live":true,"draining":false,"resolving":false},
        {"address":"10.0.2.11","port":"node2","weight":2,"live":false,"draining":false,"resolving":false}]}]})"));
  EXPECT_EQ(to_text(present_routes(state.table)),
            "Prefix           Source     Installed      Group  Nexthop    Port   Weight  Live\n"
            "10.0.1.0/24      connected  yes                1  -          node1       1  yes\n"
            "198.51.100.0/24  static     no (FIB full)      -  10.0.1.11  node1       1  yes\n"
            "203.0.113.10/32  bgp        yes                2  10.0.1.11  node1       1  yes\n"
            "                                                  10.0.2.11  node2       2  no\n");
}

TEST(Present, GroupShowsSharesAgainstTheExactOnes) {
  FakeState state;
  const GroupView& group = state.group_list[0];
  // 85 of 256 against 1/3, 171 of 256 against 2/3; the member that is away is due nothing.
  EXPECT_NEAR(worst_deviation(group), 1.0 / 256, 1e-12);
  const Json json = json_of(present_group(group));
  EXPECT_EQ(json["id"], 2);
  EXPECT_EQ(json["buckets"], 256);
  EXPECT_EQ(json["members"].size(), 3u);
  EXPECT_DOUBLE_EQ(json["members"][1]["share"], 171.0 / 256);
  EXPECT_DOUBLE_EQ(json["members"][1]["exact_share"], 2.0 / 3);
  EXPECT_EQ(json["members"][2]["exact_share"], 0.0);
  EXPECT_EQ(json["members"][2]["port"], nullptr);
  EXPECT_EQ(json["seed"], 7);
  EXPECT_EQ(json["founding_buckets"], 256);
  EXPECT_EQ(json["founders"],
            Json::parse(R"([{"address":"10.0.1.11","weight":1},{"address":"10.0.2.11","weight":2}])"));
  EXPECT_EQ(json["steps"], Json::parse(R"([{"kind":"join","address":"10.0.3.11","weight":1}])"));
  EXPECT_EQ(to_text(present_group(group)),
            "Group:      2\n"
            "Selector:   resilient\n"
            "Index:      low-bits\n"
            "Buckets:    256\n"
            "Layout:     a1\n"
            "Prefixes:   1\n"
            "Deviation:  0.391 %\n"
            "\n"
            "Member     Port   Weight  Live  Owns     Share     Exact\n"
            "10.0.1.11  node1       1  yes     85  33.203 %  33.333 %\n"
            "10.0.2.11  node2       2  yes    171  66.797 %  66.667 %\n"
            "10.0.3.11  -           1  no       0   0.000 %   0.000 %\n");
  EXPECT_EQ(worst_deviation(GroupView{}), 0);
}

TEST(Present, ADrainingNodeIsCalledSo) {
  FakeState state;
  state.group_list[0].members[2].draining = true;
  state.table[2].nexthops[0].draining = true;
  const Table group = present_group(state.group_list[0]);
  EXPECT_NE(to_text(group).find("10.0.3.11  -           1  no, draining     0   0.000 %"), std::string::npos)
      << to_text(group);
  EXPECT_EQ(json_of(group)["members"][2]["draining"], true);
  EXPECT_EQ(json_of(group)["members"][2]["live"], false);
  const Table routes = present_routes({state.table[2]});
  EXPECT_NE(to_text(routes).find("node1       1  yes, draining\n"), std::string::npos) << to_text(routes);
  EXPECT_EQ(json_of(routes)["routes"][0]["nexthops"][0]["draining"], true);
}

TEST(Present, BgpSummaryIsFrrs) {
  FakeState state;
  EXPECT_EQ(to_text(present_bgp_summary(state.bgp)),
            "BGP router identifier 10.0.0.1, local AS number 64500\n"
            "\n"
            "Neighbor   V     AS  MsgRcvd  MsgSent   Up/Down  State/PfxRcd  PfxSnt\n"
            "10.0.1.11  4  64512      124      122  01:02:03             2       0\n"
            "10.0.2.11  4  64513        0        0     never        Active       0\n");
  const Json json = json_of(present_bgp_summary(state.bgp))["ipv4Unicast"];
  EXPECT_EQ(json["routerId"], "10.0.0.1");
  EXPECT_EQ(json["as"], 64500);
  EXPECT_EQ(json["totalPeers"], 2);
  EXPECT_EQ(json["failedPeers"], 1);
  EXPECT_EQ(json["dynamicPeers"], 1);
  EXPECT_EQ(json["peers"]["10.0.1.11"], Json::parse(R"({"version":4,"remoteAs":64512,"localAs":64500,"msgRcvd":124,
      "msgSent":122,"peerUptime":"01:02:03","peerUptimeMsec":3723000,"pfxRcd":2,"pfxSnt":0,"state":"Established",
      "connectionsEstablished":0,"connectionsDropped":0,"dynamicPeer":true,"idType":"ipv4"})"));
  EXPECT_EQ(json["peers"]["10.0.2.11"]["state"], "Active");
  EXPECT_EQ(json["ribCount"], 3);
  EXPECT_FALSE(json_of(present_bgp_summary(state.bgp)).contains("ipv6Unicast")) << "no peer has that family";
}

TEST(Present, BgpSummaryHasEachFamilyByItself) {
  FakeState state;
  BgpPeerView both = state.bgp.peers[0];
  both.carried_ipv6 = both.capabilities.ipv6_unicast = true;
  both.ipv6 = {.received = 5, .filtered = 1, .sent = 4};
  BgpPeerView only_ipv6 = both;
  only_ipv6.address = ip("fd00:3::b");
  only_ipv6.capabilities.ipv4_unicast = false;
  only_ipv6.ipv4 = {};
  state.bgp.peers = {both, state.bgp.peers[1], only_ipv6};
  state.bgp.ipv6_prefixes = 9;
  EXPECT_EQ(to_text(present_bgp_summary(state.bgp)),
            "BGP router identifier 10.0.0.1, local AS number 64500\n"
            "\n"
            "IPv4 Unicast Summary:\n"
            "Neighbor   V     AS  MsgRcvd  MsgSent   Up/Down  State/PfxRcd  PfxSnt\n"
            "10.0.1.11  4  64512      124      122  01:02:03             2       0\n"
            "10.0.2.11  4  64513        0        0     never        Active       0\n"
            "fd00:3::b  4  64512      124      122  01:02:03         NoNeg       0\n"
            "\n"
            "IPv6 Unicast Summary:\n"
            "Neighbor   V     AS  MsgRcvd  MsgSent   Up/Down  State/PfxRcd  PfxSnt\n"
            "10.0.1.11  4  64512      124      122  01:02:03             5       4\n"
            "fd00:3::b  4  64512      124      122  01:02:03             5       4\n");
  const Json json = json_of(present_bgp_summary(state.bgp));
  const Json& ipv4 = json["ipv4Unicast"];
  const Json& ipv6 = json["ipv6Unicast"];
  EXPECT_EQ(ipv4["peerCount"], 3);
  EXPECT_EQ(ipv4["peers"]["10.0.1.11"]["pfxRcd"], 2);
  EXPECT_EQ(ipv4["peers"]["fd00:3::b"]["pfxRcd"], 0);
  EXPECT_EQ(ipv6["routerId"], "10.0.0.1");
  EXPECT_EQ(ipv6["as"], 64500);
  EXPECT_EQ(ipv6["ribCount"], 9);
  EXPECT_EQ(ipv6["peerCount"], 2);
  EXPECT_EQ(ipv6["failedPeers"], 0);
  EXPECT_EQ(ipv6["dynamicPeers"], 2);
  EXPECT_EQ(ipv6["peers"].size(), 2u);
  EXPECT_EQ(ipv6["peers"]["10.0.1.11"]["pfxRcd"], 5);
  EXPECT_EQ(ipv6["peers"]["10.0.1.11"]["pfxSnt"], 4);
  EXPECT_EQ(ipv6["peers"]["fd00:3::b"]["idType"], "ipv6");

  const Table peer = present_bgp_peer(both, state.bgp.router_id);
  EXPECT_NE(to_text(peer).find("Prefixes accepted:        2 IPv4, 5 IPv6\n"), std::string::npos) << to_text(peer);
  EXPECT_EQ(json_of(peer)["10.0.1.11"]["addressFamilyInfo"], Json::parse(R"({
      "ipv4Unicast":{"acceptedPrefixCounter":2,"filteredPrefixCounter":0,"sentPrefixCounter":0},
      "ipv6Unicast":{"acceptedPrefixCounter":5,"filteredPrefixCounter":1,"sentPrefixCounter":4}})"));
}

TEST(Present, BgpTiming) {
  const std::vector<BgpTimingView> timing = {{ip("10.0.1.11"), 5, 96, 160, 150, {{96, 4}, {160, 1}}, 730, 41000},
                                             {ip("10.0.2.11"), 0, 0, 0, 0, {}, std::nullopt, std::nullopt}};
  EXPECT_EQ(to_text(present_bgp_timing(timing)),
            "Neighbor   Routes  Median, us  P99, us  Max, us  Left, us  Cleaned, us\n"
            "10.0.1.11       5          96      160      150       730        41000\n"
            "10.0.2.11       0           0        0        0         -            -\n");
  const Json json = json_of(present_bgp_timing(timing))["timing"];
  EXPECT_EQ(json[0]["buckets"], Json::parse(R"([{"belowUsec":96,"routes":4},{"belowUsec":160,"routes":1}])"));
  EXPECT_EQ(json[1]["leftUsec"], nullptr);
}

TEST(Present, BgpPeerIsFrrs) {
  FakeState state;
  const Json json = json_of(present_bgp_peer(state.bgp.peers[0], state.bgp.router_id))["10.0.1.11"];
  EXPECT_EQ(json["bgpState"], "Established");
  EXPECT_EQ(json["remoteRouterId"], "10.0.1.11");
  EXPECT_EQ(json["bgpTimerHoldTimeMsecs"], 9000);
  EXPECT_EQ(json["neighborCapabilities"], Json::parse(R"({"4byteAs":"advertisedAndReceived",
      "extendedMessage":"advertisedAndReceived","routeRefresh":"advertisedAndReceivedNew",
      "addPath":{"ipv4Unicast":{"rxAdvertisedAndReceived":null},"ipv6Unicast":{"rxAdvertisedAndReceived":true}},
      "multiprotocolExtensions":{"ipv4Unicast":{"advertisedAndReceived":true},
                                 "ipv6Unicast":{"advertisedAndReceived":null}},
      "hostName":{"rcvHostName":"node1"},
      "gracefulRestart":"advertisedAndReceived","gracefulRestartRemoteTimerMsecs":120000})"));
  const Json none = json_of(present_bgp_peer(state.bgp.peers[1], state.bgp.router_id))["10.0.2.11"];
  EXPECT_EQ(none["neighborCapabilities"]["gracefulRestart"], nullptr) << "there is no session";
  EXPECT_EQ(none["neighborCapabilities"]["routeRefresh"], nullptr);
  EXPECT_EQ(json["addressFamilyInfo"]["ipv4Unicast"]["acceptedPrefixCounter"], 2);
  EXPECT_EQ(json["messageStats"]["updatesRecv"], 3);
  EXPECT_EQ(json["messageStats"]["totalSent"], 122);
  EXPECT_EQ(json["messageStats"]["damagedUpdatesRecv"], 2);
  EXPECT_EQ(json["portForeign"], 40001);
  const std::string up = to_text(present_bgp_peer(state.bgp.peers[0], state.bgp.router_id));
  EXPECT_NE(up.find("Damaged updates:          2\n"), std::string::npos) << up;
  const std::string down = to_text(present_bgp_peer(state.bgp.peers[1], state.bgp.router_id));
  EXPECT_NE(down.find("State:                    Active\n"), std::string::npos) << down;
  EXPECT_EQ(down.find("Hold time"), std::string::npos) << "there is none without a session";
}

TEST(Present, TheLastResetIsFrrs) {
  FakeState state;
  BgpPeerView peer = state.bgp.peers[1];
  const auto shown = [&] {
    const Json json = json_of(present_bgp_peer(peer, state.bgp.router_id))["10.0.2.11"];
    Json out = Json::array();
    for (const char* key : {"lastResetDueTo", "lastResetReason", "lastNotificationReason", "lastErrorCodeSubcode",
                            "lastNotificationHardReset", "lastShutdownDescription", "lastResetTimerMsecs"}) {
      EXPECT_TRUE(json.contains(key)) << key;
      out.push_back(json[key]);
    }
    return out;
  };
  EXPECT_EQ(shown(), Json::parse("[null,null,null,null,null,null,null]"));
  peer.last_reset = "closed by the peer";
  peer.last_reset_msec = 5000;
  EXPECT_EQ(shown(), Json::parse(R"(["Peer closed the session","closed by the peer",null,null,null,null,5000])"));
  peer.last_reset = "received Cease/Administrative Shutdown (6/2) \"bye\"";
  peer.last_notification = BgpNotificationView{
      .code = 6, .subcode = 2, .reason = "Cease/Administrative Shutdown", .shutdown_communication = "bye"};
  EXPECT_EQ(shown(), Json::parse(R"(["BGP Notification received","received Cease/Administrative Shutdown (6/2) \"bye\"",
      "Cease/Administrative Shutdown","0602",false,"bye",5000])"));
  const std::string text = to_text(present_bgp_peer(peer, state.bgp.router_id));
  EXPECT_NE(text.find("Last reset:               received Cease/Administrative Shutdown (6/2) \"bye\"\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("Last reset, ago:          00:00:05\n"), std::string::npos) << text;
  peer.last_reset = "stopped; sent Cease/Hard Reset (6/9): Cease/Peer De-configured (6/3)";
  peer.last_notification = BgpNotificationView{.sent = true,
                                               .hard_reset = true,
                                               .code = 6,
                                               .subcode = 10,
                                               .reason = "Cease/BFD Down",
                                               .shutdown_communication = {}};
  EXPECT_EQ(shown()[0], "BGP Notification send");
  EXPECT_EQ(shown()[3], "060A");
  EXPECT_EQ(shown()[4], true);
  EXPECT_EQ(shown()[5], nullptr);
}

TEST(Present, ANeighborOfWhichNothingIsAcceptedSaysPolicyAsFrrDoes) {
  FakeState state;
  for (BgpPeerView& peer : state.bgp.peers) peer.imports_nothing = true;
  const std::string summary = to_text(present_bgp_summary(state.bgp));
  EXPECT_NE(summary.find("(Policy)"), std::string::npos) << summary;
  EXPECT_NE(summary.find("Active"), std::string::npos) << "there is no session";
  const std::string one = to_text(present_bgp_peer(state.bgp.peers[0], state.bgp.router_id));
  EXPECT_NE(one.find("accepts nothing"), std::string::npos) << one;
}

TEST(Present, Explain) {
  FakeState state;
  const hash::Tuple tuple{ip("192.0.2.7"), ip("203.0.113.10"), 6, 40000, 80, 0};
  EXPECT_EQ(to_text(present_explain(state.explain(tuple))),
            "Flow:          tcp 192.0.2.7:40000 -> 203.0.113.10:80\n"
            "Verdict:       forward\n"
            "Prefix:        203.0.113.10/32\n"
            "Group:         2\n"
            "Selector:      resilient\n"
            "Index:         low-bits\n"
            "Key:           06 ab\n"
            "Function:      xxh32\n"
            "Seed:          0x00000007\n"
            "Hash:          0x00001050\n"
            "Bucket:        80 of 256\n"
            "Nexthop:       10.0.1.11\n"
            "First choice:  10.0.2.11 (away)\n"
            "Member:        0\n"
            "Port:          node1\n"
            "MAC:           02:00:00:00:01:0b\n");
  EXPECT_EQ(json_of(present_explain(state.explain(tuple))), Json::parse(R"({"src":"192.0.2.7","dst":"203.0.113.10",
      "protocol":6,"sport":40000,"dport":80,"verdict":"forward","reason":null,"prefix":"203.0.113.10/32","group":2,
      "selector":"resilient","indexing":"low-bits","key":"06 ab","function":"xxh32","seed":7,"hash":4176,"bucket":80,"buckets":256,"nexthop":"10.0.1.11",
      "home":"10.0.2.11","member":0,"port":"node1","mac":"02:00:00:00:01:0b"})"));
  EXPECT_EQ(to_text(present_explain(state.explain({ip("192.0.2.7"), ip("8.8.8.8"), 1, 0, 0, 0}))),
            "Flow:     icmp 192.0.2.7 -> 8.8.8.8\nVerdict:  drop\nReason:   no-route\n");
}

TEST(Present, DataplaneTables) {
  FakeState state;
  EXPECT_EQ(json_of(present_drops(state.drop_list)), Json::parse(R"({"drops":[
      {"reason":"ttl-expired","packets":7,"per_second":2.5,"doc":"TTL was 1 or 0"},
      {"reason":"no-route","packets":0,"per_second":null,"doc":"no prefix covers the destination"}]})"));
  EXPECT_EQ(json_of(present_icmp(state.icmp())), Json::parse(R"({"icmp":[{"port":"node1","time_exceeded":1,
      "no_route":2,"unreachable":3,"too_big":4,"beyond_scope":5,"rate_limited":6,"not_allowed":7}]})"));
  EXPECT_EQ(json_of(present_workers(state.workers())), Json::parse(R"({"workers":[{"lcore":1,
      "ports":["node1","node2"],"idle":"sleep","polls":1000,"empty_polls":750,"bursts":250,"packets":1000,
      "injected":10,"fragments":3,"punted":20,"busy_cycles":50500,"packets_per_second":100.0,"packets_per_burst":4.0,
      "cycles_per_packet":null,"idle_share":0.75,"kernels":{"packets":"avx512","hash":"avx2","fib6":"scalar"}}]})"));
  EXPECT_TRUE(to_text(present_workers(state.workers()))
                  .starts_with("Kernels: packets avx512, hash avx2, IPv6 lookup scalar\n\n"));
  EXPECT_EQ(json_of(present_ports(state.ports())), Json::parse(R"({"ports":[{"name":"node1",
      "device":"af_packet:veth1","driver":"net_af_packet","link":true,"mac":"02:00:00:00:01:01","mtu":1500,
      "addresses":["10.0.1.1/24"],"rx_packets":10,"rx_bytes":1000,"rx_packets_per_second":5.0,
      "rx_bits_per_second":4000.0,"rx_missed":1,"rx_errors":0,"tx_packets":20,"tx_bytes":2000,
      "tx_packets_per_second":10.0,"tx_bits_per_second":8000.0,"tx_errors":0}]})"));
  const std::string ports = to_text(present_ports(state.ports()));
  EXPECT_NE(ports.find("in        10   1000        5.0  4000.0       0       1\n"), std::string::npos) << ports;
  EXPECT_NE(ports.find("out       20   2000       10.0  8000.0       0       -\n"), std::string::npos) << ports;
  EXPECT_EQ(json_of(present_hash(state.hash())), Json::parse(R"({"key":"5-tuple",
      "fields":["protocol","src","dst","sport","dport"],"function":"xxh32","seed":7,"selector":"resilient",
      "buckets":"auto"})"));
  EXPECT_EQ(to_text(present_neighbors(state.neighbors())),
            "Neighbor   Port   MAC                State      Nexthop\n"
            "10.0.1.11  node1  02:00:00:00:01:0b  reachable  yes\n"
            "10.0.3.11  node3  -                  failed     yes\n");
}

}  // namespace
}  // namespace ecmpd::control::api
