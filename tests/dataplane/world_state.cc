#include "tests/dataplane/world_state.h"

#include <gtest/gtest.h>
#include <rte_byteorder.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "hash/home.h"
#include "tests/dataplane/packet.h"
#include "tests/dataplane/world.h"

namespace ecmpd::dataplane::test {

namespace {

using hash::IpAddress;
using hash::Prefix;

struct Own {
  IpAddress address;
  uint8_t length;
  uint32_t mask4() const { return ~uint32_t{0} << (32 - length); }
};

Own own_address(const std::string& text) {
  const size_t slash = text.find('/');
  return {*IpAddress::parse(text.substr(0, slash)), static_cast<uint8_t>(std::stoi(text.substr(slash + 1)))};
}

Prefix host_route(const IpAddress& address) { return {address, static_cast<uint8_t>(address.is_v4() ? 32 : 128)}; }

class Filler {
 public:
  explicit Filler(Publisher& publisher) : publisher_(publisher) {}

  void connected() {
    const AdjacencyId broadcast = publisher_.add_adjacency({.reason = DropReason::kIpv4Broadcast});
    for (size_t n = 0; n < world().ports.size(); ++n) {
      const WorldPort& port = world().ports[n];
      const AdjacencyId glean = publisher_.add_adjacency(
          {.kind = AdjacencyKind::kGlean, .port = PortIndex{static_cast<uint16_t>(n)}, .mtu = port.mtu});
      for (const std::string& text : port.addresses) {
        const Own own = own_address(text);
        const Prefix subnet(own.address, own.length);
        set(subnet, glean);
        if (own.address.is_v4()) {
          set(host_route(subnet.address()), broadcast);
          set(host_route(IpAddress::v4(subnet.address().v4_value() | ~own.mask4())), broadcast);
        } else {
          set(host_route(subnet.address()), kLocalAdjacency);  // the routers' anycast address
        }
        set(host_route(own.address), kLocalAdjacency);
      }
    }
  }

  void hosts() {
    for (const WorldHost& host : world().hosts) {
      Adjacency adjacency{.kind = AdjacencyKind::kForward, .port = PortIndex{static_cast<uint16_t>(host.port)}};
      adjacency.mtu = world().ports[host.port].mtu;
      std::memcpy(adjacency.destination_mac.data(), neighbor_mac(host.neighbor).data(), 6);
      std::memcpy(adjacency.source_mac.data(), port_mac(host.port).data(), 6);
      const IpAddress address = *IpAddress::parse(host.address);
      set(host_route(address), hosts_[address] = publisher_.add_adjacency(adjacency));
    }
  }

  void route(const WorldRoute& route) {
    std::vector<hash::Member> members;
    for (const std::string& nexthop : route.nexthops) members.push_back({*IpAddress::parse(nexthop)});
    std::vector<AdjacencyId> buckets;
    if (members.size() == 1) {
      const auto found = hosts_.find(members[0].address);
      buckets = {found == hosts_.end() ? kUnresolvedAdjacency : found->second};
    } else {
      const auto home = hash::Home::build(hash::Selector::kResilient, members, 0, kSeed);
      const hash::BucketTable table = home->table(std::vector<bool>(members.size(), true));
      for (const uint16_t owner : table.owners) buckets.push_back(hosts_.at(home->members()[owner].address));
    }
    const GroupId group = publisher_.create_group(buckets, hash::Indexing::kLowBits);
    EXPECT_TRUE(publisher_.set_route(*Prefix::parse(route.prefix), group)) << route.prefix;
  }

 private:
  void set(const Prefix& prefix, AdjacencyId adjacency) {
    const GroupId group = publisher_.create_group({&adjacency, 1}, hash::Indexing::kLowBits);
    EXPECT_TRUE(publisher_.set_route(prefix, group)) << prefix.to_string();
  }

  Publisher& publisher_;
  std::map<IpAddress, AdjacencyId> hosts_;
};

PriorityTraffic priority_traffic() {
  PriorityTraffic out{.tcp_port = 179, .sources = {}, .sources6 = {}};
  for (const std::string& text : world().sessions) {
    const Own range = own_address(text);
    if (range.address.is_v4()) {
      out.sources.push_back({range.address.v4_value(), range.mask4()});
    } else {
      EXPECT_EQ(range.length, 64);
      PriorityTraffic::Source6 source{.address = {}, .mask = {~uint64_t{0}, 0}};
      std::memcpy(source.address.data(), range.address.bytes(), 8);
      out.sources6.push_back(source);
    }
  }
  return out;
}

}  // namespace

std::vector<PortFacts> world_ports() {
  std::vector<PortFacts> out(world().ports.size());
  for (size_t n = 0; n < out.size(); ++n) {
    out[n].index = PortIndex{static_cast<uint16_t>(n)};
    out[n].mtu = world().ports[n].mtu;
    std::memcpy(out[n].mac.addr_bytes, port_mac(static_cast<unsigned>(n)).data(), 6);
    PortSpec spec;
    for (const std::string& text : world().ports[n].addresses) {
      if (const Own own = own_address(text); !own.address.is_v4()) spec.addresses6.push_back(own.address);
    }
    out[n].addresses6 = own_addresses6(spec, out[n].mac);
  }
  return out;
}

PortAddresses world_addresses() {
  std::vector<PortAddresses::OfPort> out;
  for (const WorldPort& port : world().ports) {
    PortAddresses::OfPort& list = out.emplace_back();
    for (const std::string& text : port.addresses) {
      const Own own = own_address(text);
      if (own.address.is_v4()) {
        list.v4.push_back({own.address.v4_value(), own.mask4()});
      } else {
        list.v6.push_back({.address = {}, .prefix_length = own.length});
        std::copy_n(own.address.bytes(), 16, list.v6.back().address.begin());
      }
    }
  }
  return PortAddresses(std::move(out));
}

void publish_world(Publisher& publisher) {
  publisher.set_hash_settings(HashSettings(hash::KeyFields::five_tuple(), {hash::HashFunction::kXxh32, kSeed}));
  publisher.set_priority_traffic(priority_traffic());
  publisher.set_port_addresses(world_addresses());
  Filler filler(publisher);
  filler.connected();
  filler.hosts();
  for (const WorldRoute& route : world().routes) filler.route(route);
}

}  // namespace ecmpd::dataplane::test
