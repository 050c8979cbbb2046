// A RIB with ports 10.0.1.1/24 and 10.0.2.1/24 in AS 64500, and short words for what peers do to it.
//
// The Loc-RIB is kept from the changes alone, as an installer would; expectations are one line of text per prefix.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "control/rib/rib.h"

namespace ecmpd::control {

inline hash::IpAddress ip(const char* text) { return hash::IpAddress::parse(text).value(); }
inline hash::Prefix net(const char* text) { return hash::Prefix::parse(text).value(); }
inline ImportFilter within(const PrefixRule& rule) {
  ImportFilter filter;
  filter.rules.emplace_back().prefixes = {rule};
  return filter;
}
inline InterfaceAddress interface(const char* address, uint8_t length) { return {ip(address), length}; }

class RibTest : public testing::Test {
 protected:
  RibTest() {
    policy.import_filter.rules = {ImportRule{}};
    const InterfaceAddress interfaces[] = {interface("10.0.1.1", 24), interface("10.0.2.1", 24)};
    rib.set_interfaces(interfaces);
    flush();
  }

  static bgp::PeerId peer_id(uint8_t n) { return bgp::PeerId{n}; }
  static hash::IpAddress peer_address(uint8_t n) { return hash::IpAddress::v4(0x0a000100u + n); }

  /// Peer n is 10.0.1.n in AS 64512 and accepts everything. One in AS 64500, our own, may have nexthops anywhere.
  void up(uint8_t n, uint32_t asn = 64512) {
    bgp::PeerInfo info;
    info.address = peer_address(n);
    info.asn = asn;
    info.router_id = 0x01010100u + n;
    info.ebgp = asn != 64500;
    info.recursive_nexthops = !info.ebgp;
    info.policy = policy;
    rib.on_established(peer_id(n), info);
  }
  void down(uint8_t n) { rib.on_down(peer_id(n), "test", {}); }

  static bgp::PathAttributes attributes(uint8_t n) {
    bgp::PathAttributes attributes;
    attributes.origin = bgp::Origin::kIgp;
    attributes.as_path = {{.asns = {64512}}};
    attributes.next_hop = peer_address(n);
    return attributes;
  }
  bgp::UpdateVerdict announce(uint8_t n, const char* prefix) { return announce(n, prefix, attributes(n)); }
  bgp::UpdateVerdict announce(uint8_t n, const char* prefix, const bgp::PathAttributes& with) {
    const hash::Prefix prefixes[] = {net(prefix)};
    return rib.on_update(peer_id(n), {with, prefixes});
  }
  void withdraw(uint8_t n, const char* prefix) {
    const hash::Prefix prefixes[] = {net(prefix)};
    rib.on_update(peer_id(n), {bgp::PathAttributes(), {}, prefixes});
  }

  std::vector<RouteChange> flush() {
    std::vector<RouteChange> changes;
    rib.flush(changes);
    for (const RouteChange& change : changes) {
      const std::string prefix = change.prefix.to_string();
      if (change.source == RouteSource::kNone) {
        EXPECT_EQ(loc_rib.erase(prefix), 1u) << prefix << " was withdrawn without having been there";
        continue;
      }
      std::string line(to_string(change.source));
      if (change.nexthops != kNoNexthops) line.append(" ").append(to_string(sets.get(change.nexthops)));
      EXPECT_NE(loc_rib[prefix], line) << prefix << " did not change";
      loc_rib[prefix] = line;
    }
    return changes;
  }
  std::string route(const char* prefix) {
    flush();
    const auto found = loc_rib.find(prefix);
    return found == loc_rib.end() ? "none" : found->second;
  }

  PeerPolicy policy;
  NexthopSets sets;
  Rib rib{{.asn = 64500, .maximum_paths = 4}, sets};
  std::map<std::string, std::string> loc_rib;
};

}  // namespace ecmpd::control
