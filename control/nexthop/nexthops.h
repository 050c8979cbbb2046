// Nexthops: which are in use, which are resolved, and which groups contain them.
//
// The neighbor module says what is resolved; it learns from the in-use callback what to probe. Control thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "control/rib/nexthop_set.h"
#include "dataplane/ids.h"
#include "hash/address.h"

namespace ecmpd::control {

class Nexthops {
 public:
  /// Called with true when an address begins to be used, with false when it no longer is.
  using InUseCallback = std::function<void(const hash::IpAddress& address, bool in_use)>;

  struct Nexthop {
    bool up = false;
    bool answered = false;       // it has been up or down since it is in use
    bool resolved_once = false;  // adjacency and port say something
    bool leaving = false;        // see leave()
    dataplane::AdjacencyId adjacency{};
    dataplane::PortIndex port{};
    uint32_t uses = 0;
    std::vector<uint32_t> groups;  // indexes into Groups
  };

  void on_in_use(InUseCallback callback) { in_use_ = std::move(callback); }

  /// True when something about the nexthop changed.
  bool up(const hash::IpAddress& address, dataplane::AdjacencyId adjacency, dataplane::PortIndex port);
  bool down(const hash::IpAddress& address);
  /// Until stay_all(), the nexthop counts as live only where no other is.
  void leave(const hash::IpAddress& address);
  /// Ends it for all, and says for which.
  std::vector<hash::IpAddress> stay_all();
  /// The adjacency of a nexthop that is up.
  std::optional<dataplane::AdjacencyId> resolved(const hash::IpAddress& address) const;
  const Nexthop* find(const hash::IpAddress& address) const;

  void use(const NexthopSet& set);
  void unuse(const NexthopSet& set);
  void add_group(const NexthopSet& set, uint32_t group);
  void remove_group(const NexthopSet& set, uint32_t group);

  /// Sorted.
  std::vector<hash::IpAddress> in_use() const;
  /// True when every nexthop in use has been heard of: resolved, or found to be down.
  bool settled() const { return unanswered_ == 0; }

 private:
  void answered(Nexthop& nexthop);
  void drop_if_idle(const hash::IpAddress& address);

  std::unordered_map<hash::IpAddress, Nexthop> nexthops_;
  std::vector<hash::IpAddress> leaving_;
  uint32_t unanswered_ = 0;
  InUseCallback in_use_;
};

}  // namespace ecmpd::control
