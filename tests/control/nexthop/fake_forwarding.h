// A data plane of maps, which checks at every call that its own rules are kept: a route names a group that exists, and
// a group that goes is named by no route.
#pragma once

#include <gtest/gtest.h>

#include <map>

#include "control/nexthop/forwarding.h"

namespace ecmpd::control {

class FakeForwarding final : public Forwarding {
 public:
  dataplane::GroupId create_group(const GroupTable& table) override {
    check(table);
    if (groups.size() >= maximum_groups) return dataplane::kNoRoute;
    const dataplane::GroupId id{++last_id_};
    groups.emplace(id, table);
    return id;
  }
  void replace_group(dataplane::GroupId group, const GroupTable& table) override {
    check(table);
    ASSERT_TRUE(groups.contains(group));
    EXPECT_TRUE(groups[group].buckets != table.buckets || groups[group].indexing != table.indexing)
        << "replaced by the same";
    groups[group] = table;
    ++replaced;
  }
  void destroy_group(dataplane::GroupId group) override {
    for (const auto& [prefix, used] : routes) EXPECT_NE(used, group) << prefix.to_string() << " still names it";
    EXPECT_EQ(groups.erase(group), 1u);
  }
  bool set_route(const hash::Prefix& prefix, dataplane::GroupId group) override {
    EXPECT_TRUE(groups.contains(group)) << prefix.to_string() << " names a group that is not there";
    ++set;
    if (!routes.contains(prefix) && routes.size() >= maximum_routes) return false;
    routes[prefix] = group;
    return true;
  }
  void remove_route(const hash::Prefix& prefix) override {
    EXPECT_EQ(routes.erase(prefix), 1u) << prefix.to_string() << " was not there";
    ++removed;
  }

  /// The buckets that a prefix leads to; empty without a route.
  std::vector<dataplane::AdjacencyId> table(const hash::Prefix& prefix) const {
    const auto route = routes.find(prefix);
    return route == routes.end() ? std::vector<dataplane::AdjacencyId>() : groups.at(route->second).buckets;
  }

  std::map<dataplane::GroupId, GroupTable> groups;
  std::map<hash::Prefix, dataplane::GroupId> routes;
  size_t maximum_groups = SIZE_MAX;
  size_t maximum_routes = SIZE_MAX;
  unsigned replaced = 0;
  unsigned set = 0;
  unsigned removed = 0;

 private:
  static void check(const GroupTable& table) {
    ASSERT_FALSE(table.buckets.empty());
    if (table.indexing != hash::Indexing::kLowBits) return;
    EXPECT_EQ(table.buckets.size() & (table.buckets.size() - 1), 0u) << "not a power of two";
  }
  uint32_t last_id_ = 0;
};

}  // namespace ecmpd::control
