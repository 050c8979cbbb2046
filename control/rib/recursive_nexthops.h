// Nexthops in none of our subnets that are reached by another route (RFC 4271 section 5.1.3, sessions over several hops
// and iBGP): which nexthops of ours lead to them.
//
// Counted by who has them; resolved only when a path wants it, and again when a prefix changes that they lie in. What
// resolves them is the RIB's to say. Control thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "control/rib/nexthop_set.h"
#include "hash/address.h"

namespace ecmpd::control {

class RecursiveNexthops {
 public:
  /// One more, one less attribute set has it.
  void use(const hash::IpAddress& nexthop) { ++nexthops_[nexthop].users; }
  void unuse(const hash::IpAddress& nexthop);
  bool empty() const { return nexthops_.empty(); }

  /// Resolved by the next update() and from then on. It is in use.
  void want(const hash::IpAddress& nexthop);
  /// The route of this prefix may have changed: those in it are resolved anew.
  void touch(const hash::Prefix& prefix);
  void touch_all();
  /// `resolve` gives the nexthops in our subnets that lead to an address, none if no route does. Those for which they
  /// have changed, sorted, without those that were resolved for the first time.
  std::vector<hash::IpAddress> update(const std::function<NexthopSet(const hash::IpAddress&)>& resolve);

  /// Empty: no route leads there, or nobody has wanted it.
  const NexthopSet& resolved(const hash::IpAddress& nexthop) const;
  /// Those that something is reached by.
  std::set<hash::IpAddress> leading() const;
  /// In place of every member that is one of these, those that lead there, with its share among them.
  void expand(NexthopSet& set) const;

 private:
  struct Nexthop {
    uint32_t users = 0;
    bool wanted = false;
    bool known = false;  // resolved, once at least
    NexthopSet resolved;
  };
  std::map<hash::IpAddress, Nexthop> nexthops_;
  std::set<hash::IpAddress> touched_;  // wanted ones
};

}  // namespace ecmpd::control
