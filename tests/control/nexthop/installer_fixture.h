// A route installer over the fake data plane. Node n is nexthop 10.0.1.n with adjacency n; service s is 203.0.113.s/32.
//
// `announced` is what the RIB would say; apply() delivers the differences as one batch. Time stands still until wait().
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>

#include "control/nexthop/route_installer.h"
#include "tests/control/nexthop/fake_forwarding.h"

namespace ecmpd::control {

using Table = std::vector<dataplane::AdjacencyId>;
using namespace std::chrono_literals;

class World {
 public:
  static constexpr dataplane::AdjacencyId kUnresolved{999};

  explicit World(bool hold = false, hash::Selector selector = hash::Selector::kResilient) {
    options.hold = hold;
    options.layouts.selector = selector;
    options.nowhere = {.resolving = kUnresolved, .unresolved = kUnresolved};
    options.layouts.seed = 7;
    start();
  }
  /// A new process: nothing is left of the old one but the time.
  void start() {
    installer.reset();
    held_sets.clear();
    sets = std::make_unique<NexthopSets>();
    forwarding = std::make_unique<FakeForwarding>();
    table_ = std::make_unique<RibTable>();
    installer = std::make_unique<RouteInstaller>(options, *forwarding, *sets, *table_);
    announced.clear();
  }

  static hash::IpAddress node(unsigned n) { return hash::IpAddress::v4(0x0a000100u + n); }
  static hash::Prefix service(unsigned s) { return {hash::IpAddress::v4(0xcb007100u + s), 32}; }
  static dataplane::AdjacencyId adjacency(unsigned n) { return dataplane::AdjacencyId{static_cast<uint16_t>(n)}; }

  void up(unsigned n) { installer->nexthop_up(node(n), adjacency(n), dataplane::PortIndex{0}); }
  void down(unsigned n) { installer->nexthop_down(node(n)); }
  void wait(std::chrono::milliseconds time) { now += time; }

  void announce(unsigned s, std::initializer_list<unsigned> nodes) {
    for (unsigned n : nodes) announced[s][n] = 1;
  }
  void withdraw(unsigned s, unsigned n) {
    announced[s].erase(n);
    if (announced[s].empty()) announced.erase(s);
  }

  void apply() {
    std::vector<RouteChange> changes;
    for (const auto& [s, nodes] : announced) {
      NexthopSet set;
      for (const auto& [n, weight] : nodes) set.push_back({node(n), weight});
      const NexthopSetId id = sets->acquire(set);
      const auto before = held_sets.find(s);
      if (before != held_sets.end() && before->second == id) {
        sets->release(id);
        continue;
      }
      if (before != held_sets.end()) sets->release(before->second);
      held_sets[s] = id;
      changes.push_back({service(s), table_->insert(service(s)).first, source, id});
    }
    for (auto it = held_sets.begin(); it != held_sets.end();) {
      if (announced.contains(it->first)) {
        ++it;
        continue;
      }
      const RouteId id = table_->find(service(it->first));
      changes.push_back({service(it->first), id, RouteSource::kNone, kNoNexthops});
      table_->erase(id);
      sets->release(it->second);
      it = held_sets.erase(it);
    }
    installer->apply(changes, now);
  }

  Table table(unsigned s) const { return forwarding->table(service(s)); }
  std::map<unsigned, Table> tables() const {
    std::map<unsigned, Table> all;
    for (const auto& [s, nodes] : announced) all[s] = table(s);
    return all;
  }
  std::set<dataplane::AdjacencyId> owners(unsigned s) const {
    const Table buckets = table(s);
    return {buckets.begin(), buckets.end()};
  }

  InstallerOptions options;
  RouteSource source = RouteSource::kBgp;
  std::unique_ptr<NexthopSets> sets;
  std::unique_ptr<FakeForwarding> forwarding;
  std::unique_ptr<RouteInstaller> installer;
  std::map<unsigned, std::map<unsigned, uint16_t>> announced;  // service, node: weight
  std::map<unsigned, NexthopSetId> held_sets;
  Time now{1000h};

 private:
  std::unique_ptr<RibTable> table_;  // what the RIB would have
};

/// Calls check(before, after) for every bucket of the larger of two tables; a smaller one repeats (low bits index).
template <typename Check>
void for_buckets(const Table& before, const Table& after, Check check) {
  for (size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
    check(before[i % before.size()], after[i % after.size()]);
  }
}

inline bool same_flows(const Table& a, const Table& b) {
  if (a.empty() || b.empty()) return a.empty() == b.empty();
  bool same = true;
  for_buckets(a, b, [&](auto x, auto y) { same &= x == y; });
  return same;
}

}  // namespace ecmpd::control
