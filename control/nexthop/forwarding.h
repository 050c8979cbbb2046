// Door 1 as the route path sees it: what control publishes to the data plane.
//
// The daemon implements it over dataplane's publisher; tests record the calls. Everything is immediate for lookups
// that start afterwards, and nothing that a worker may still use is freed early: the implementation owns the grace
// periods. Order is the caller's: group before the route that names it; route before its group is destroyed. Control
// thread.
#pragma once

#include <cstdint>
#include <vector>

#include "dataplane/ids.h"
#include "hash/address.h"
#include "hash/bucket_table.h"

namespace ecmpd::control {

/// A group's bucket table, resolved to adjacencies.
struct GroupTable {
  hash::Indexing indexing = hash::Indexing::kLowBits;
  std::vector<dataplane::AdjacencyId> buckets;  // at least one; a power of two with low bits
};

class Forwarding {
 public:
  virtual ~Forwarding() = default;
  /// A new group. kNoRoute when there is no room for another.
  virtual dataplane::GroupId create_group(const GroupTable& table) = 0;
  /// Swaps a group's table by one pointer store.
  virtual void replace_group(dataplane::GroupId group, const GroupTable& table) = 0;
  virtual void destroy_group(dataplane::GroupId group) = 0;
  /// Adds or replaces a route. False: the FIB is full, nothing changed.
  [[nodiscard]] virtual bool set_route(const hash::Prefix& prefix, dataplane::GroupId group) = 0;
  virtual void remove_route(const hash::Prefix& prefix) = 0;
};

}  // namespace ecmpd::control
