// Exports over a real RIB and installer: nodes 10.0.1.n announce, the upstream neighbor 10.0.0.2 is told.
//
// Node n is peer n with adjacency n; the upstream is peer 9. What it is told is one line of text for each flush().
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "control/daemon/exports.h"
#include "tests/control/nexthop/fake_forwarding.h"
#include "tests/control/rib/export_filters.h"

namespace ecmpd::control {

/// "+PREFIX via NEXTHOP;" ("NEXTHOP+LINK_LOCAL" with both) for an announcement, "-PREFIX;", and "end of rib;", with
/// "PEER: " before those of others than the upstream neighbor.
class RecordingAnnouncer final : public bgp::Announcer {
 public:
  explicit RecordingAnnouncer(bgp::PeerId usual) : usual_(usual) {}
  void announce(bgp::PeerId peer, const bgp::PathAttributes& attributes,
                const std::optional<hash::IpAddress>& link_local, std::span<const hash::Prefix> prefixes) override {
    const std::string beside = link_local ? "+" + link_local->to_string() : "";
    for (const hash::Prefix& prefix : prefixes) {
      add(peer, "+" + prefix.to_string() + " via " + attributes.next_hop.to_string() + beside);
    }
  }
  void withdraw(bgp::PeerId peer, hash::Family, std::span<const hash::Prefix> prefixes) override {
    for (const hash::Prefix& prefix : prefixes) add(peer, "-" + prefix.to_string());
  }
  void finish_table(bgp::PeerId peer) override { add(peer, "end of rib"); }
  std::string take() { return std::exchange(text_, {}); }

 private:
  void add(bgp::PeerId peer, const std::string& what) {
    if (peer != usual_) text_ += std::to_string(static_cast<uint32_t>(peer)) + ": ";
    text_ += what + ";";
  }
  bgp::PeerId usual_;
  std::string text_;
};

class ExportsTest : public testing::Test {
 protected:
  static constexpr bgp::PeerId kUpstream{9};
  static constexpr const char* kService = "203.0.113.10/32";

  static hash::Prefix net(const char* text) { return hash::Prefix::parse(text).value(); }
  static hash::IpAddress ip(const char* text) { return hash::IpAddress::parse(text).value(); }
  static hash::IpAddress node(uint8_t n) { return hash::IpAddress::v4(0x0a000100u + n); }
  static Config make_config() {
    Config config;
    config.router.asn = 64500;
    config.router.router_id = 0x0a000001;
    config.ports.resize(2);
    config.ports[0].name = "up";
    config.ports[0].addresses = {{ip("10.0.0.1"), 24}, {ip("fd00::1"), 64}};
    config.ports[1].name = "nodes";
    config.ports[1].addresses = {{ip("10.0.1.254"), 24}};
    return config;
  }

  ExportsTest() {
    std::vector<InterfaceAddress> addresses;
    for (const PortConfig& port : config.ports) {
      addresses.insert(addresses.end(), port.addresses.begin(), port.addresses.end());
    }
    rib.set_interfaces(addresses);
    flush();
  }

  void neighbor_up(uint8_t n) { installer.nexthop_up(node(n), dataplane::AdjacencyId{n}, dataplane::PortIndex{1}); }
  void neighbor_down(uint8_t n) { installer.nexthop_down(node(n)); }
  /// A session of node n that accepts everything.
  void node_up(uint8_t n) {
    bgp::PeerInfo info{.address = node(n), .asn = 64512, .router_id = 100u + n, .policy = {}};
    info.policy.import_filter.rules = {ImportRule{}};
    rib.on_established(bgp::PeerId{n}, info);
  }
  void announce(uint8_t n, const char* prefix) {
    bgp::PathAttributes attributes;
    attributes.origin = bgp::Origin::kIgp;
    attributes.as_path = {{.asns = {64512}}};
    attributes.next_hop = node(n);
    const hash::Prefix prefixes[] = {net(prefix)};
    rib.on_update(bgp::PeerId{n}, {attributes, prefixes});
  }
  void withdraw(uint8_t n, const char* prefix) {
    const hash::Prefix prefixes[] = {net(prefix)};
    rib.on_update(bgp::PeerId{n}, {bgp::PathAttributes(), {}, prefixes});
  }
  static bgp::PeerInfo upstream(const ExportFilter& filter, const char* address = "10.0.0.2") {
    bgp::PeerInfo info{.address = ip(address), .asn = 64999, .router_id = 1, .policy = {}};
    info.policy.export_filter = filter;
    return info;
  }
  void upstream_up(const ExportFilter& filter) { exports.established(kUpstream, upstream(filter)); }

  /// As the route side does it; what was told since the last time.
  std::string flush() {
    std::vector<RouteChange> changes;
    std::vector<hash::Prefix> changed;
    rib.flush(changes, &changed);
    now += std::chrono::seconds(10);
    if (!changes.empty()) installer.apply(changes, now);
    installer.take_flipped(&changed);
    exports.send(changed, told);
    return told.take();
  }

  Config config = make_config();
  NexthopSets sets;
  FakeForwarding forwarding;
  Rib rib{{.asn = 64500, .maximum_paths = 8}, sets};
  RouteInstaller installer{{.layouts = {}, .nowhere = {.unresolved = dataplane::AdjacencyId{999}}, .hold = false},
                           forwarding,
                           sets,
                           rib.table()};
  Exports exports{config, rib, installer, {ip("fe80::1"), std::nullopt}};
  RecordingAnnouncer told{kUpstream};
  Time now{std::chrono::hours(1)};
};

}  // namespace ecmpd::control
