#include "bench/ecmpbench/routes.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "hash/home.h"
#include "hash/random.h"

namespace ecmpd::bench {

using dataplane::Adjacency;
using dataplane::AdjacencyId;
using dataplane::GroupId;

namespace {

/// Nodes of the cluster: so many that groups differ, few enough to stay within what an adjacency table holds.
uint32_t node_count(const Case& plan) {
  if (plan.groups == 1) return plan.members;
  return std::min(dataplane::Publisher::kMaxAdjacencies - 8, plan.members + std::min(plan.groups, 4096u));
}

hash::IpAddress node_address(uint32_t number) { return hash::IpAddress::v4(0x0a000001 + number); }

Adjacency adjacency_of(uint32_t number, const dataplane::Port& port) {
  Adjacency out;
  out.destination_mac = {0x02,
                         0x6e,
                         static_cast<uint8_t>(number >> 24),
                         static_cast<uint8_t>(number >> 16),
                         static_cast<uint8_t>(number >> 8),
                         static_cast<uint8_t>(number)};
  std::memcpy(out.source_mac.data(), port.facts().mac.addr_bytes, out.source_mac.size());
  out.kind = dataplane::AdjacencyKind::kForward;
  out.port = port.facts().index;
  out.mtu = port.facts().mtu;
  return out;
}

std::vector<hash::Member> members_of(uint32_t group, const Case& plan) {
  const uint32_t nodes = node_count(plan);
  hash::Random random(plan.seed + group);
  const uint32_t first = group == 0 ? 0 : random.below(nodes);
  std::vector<hash::Member> out;
  for (uint32_t i = 0; i < plan.members; ++i) out.push_back({node_address((first + i) % nodes), 1});
  return out;
}

}  // namespace

std::string refusal(const Case& plan) { return hash::Home::refusal(plan.selector, members_of(0, plan), 0); }

tl::expected<void, std::string> load_routes(dataplane::Publisher& publisher, const Case& plan,
                                            std::span<const std::unique_ptr<dataplane::Port>> ports,
                                            std::span<const hash::Prefix> prefixes) {
  publisher.set_hash_settings(dataplane::HashSettings(plan.key, hash::Hasher(plan.function, plan.seed)));
  std::vector<AdjacencyId> adjacencies;
  for (uint32_t i = 0; i < node_count(plan); ++i) {
    adjacencies.push_back(publisher.add_adjacency(adjacency_of(i, *ports[i % plan.egress])));
    if (adjacencies.back() == dataplane::kNoRouteAdjacency) return tl::unexpected(std::string("too many adjacencies"));
  }
  std::vector<GroupId> groups;
  for (uint32_t g = 0; g < plan.groups; ++g) {
    const auto home = hash::Home::build(plan.selector, members_of(g, plan), 0, plan.seed);
    const hash::BucketTable table = home->table(std::vector<bool>(plan.members, true));
    std::vector<AdjacencyId> buckets;
    for (const uint16_t owner : table.owners) {
      const hash::IpAddress& address = home->members()[owner].address;
      buckets.push_back(adjacencies[address.v4_value() - node_address(0).v4_value()]);
    }
    groups.push_back(publisher.create_group(buckets, table.indexing));
    if (groups.back() == dataplane::kNoRoute) return tl::unexpected(std::string("too many groups"));
  }
  for (size_t i = 0; i < prefixes.size(); ++i) {
    if (!publisher.set_route(prefixes[i], groups[i % groups.size()])) {
      return tl::unexpected(fmt::format("the FIB is full after {} of {} prefixes", i, prefixes.size()));
    }
  }
  return {};
}

}  // namespace ecmpd::bench
