// Adj-RIB-Out of one neighbor (RFC 4271 section 3.2): what it has been told, and what it is to be told next.
//
// Every prefix with a best path that an export rule matches is announced with that path's attributes and ourselves as
// nexthop; an aggregate as long as a route of it or within it is there. Fed with each prefix that was decided; take()
// then gives the differences to what was announced, once, however often a prefix changed. Pure. Control thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "control/bgp/families.h"
#include "control/bgp/session_sink.h"
#include "control/config/config.h"
#include "control/rib/attribute_table.h"
#include "control/rib/intern_table.h"

namespace ecmpd::control {

/// The route of a prefix, for those who are told of it.
struct BestRoute {
  const bgp::PathAttributes* attributes = nullptr;  // null: a static route
  std::optional<bgp::PeerId> from{};                // who announced the best path
  bool ebgp = true;                                 // over eBGP; static routes too
  uint32_t local_preference = 100;                  // as decided with, for iBGP (RFC 4271 section 5.1.5)
};

/// Whom we tell, and as whom.
struct ExportTarget {
  bgp::PeerId peer{};
  uint32_t own_asn = 0;
  uint32_t router_id = 0;
  bool ebgp = true;
  bgp::FamilySet families{};
};

class AdjRibOut {
 public:
  AdjRibOut(const ExportTarget& target, const ExportFilter& filter) : target_(target), filter_(filter) {}

  /// A prefix was decided; null: it has no route that could be announced.
  void route_changed(const hash::Prefix& prefix, const BestRoute* best);
  /// Other rules; afterwards route_changed() is called for every prefix.
  void set_filter(const ExportFilter& filter);

  /// Prefixes that share attributes; without a nexthop, which depends on the session and the family.
  struct Announcement {
    bgp::PathAttributes attributes;
    std::vector<hash::Prefix> prefixes;
  };
  struct Changes {
    std::vector<hash::Prefix> withdrawn;
    std::vector<Announcement> announced;
  };
  Changes take();
  /// The next take() brings all that is announced, again: for ROUTE-REFRESH (RFC 2918).
  void repeat(bgp::Family family) { repeat_.insert(family); }

  size_t announced(hash::Family family) const {
    return family == hash::Family::kIpv6 ? told_ipv6_ : told_.size() - told_ipv6_;
  }
  /// Appends the aggregates that the neighbor has been told.
  void add_aggregates(std::set<hash::Prefix>& to) const;

 private:
  using Table = InternTable<bgp::PathAttributes, AttributesHash>;
  static constexpr Table::Id kNothing = UINT32_MAX;

  unsigned times_own_as(const ExportRule& rule) const;
  std::optional<bgp::PathAttributes> wanted(const hash::Prefix& prefix, const BestRoute& best) const;
  void want(const hash::Prefix& prefix, const std::optional<bgp::PathAttributes>& attributes);
  void count(const hash::Prefix& prefix, bool there);

  ExportTarget target_;
  ExportFilter filter_;
  Table table_;
  std::unordered_map<hash::Prefix, Table::Id> told_;  // as the neighbor has it, or is about to
  size_t told_ipv6_ = 0;                              // of these, IPv6 prefixes
  std::map<hash::Prefix, Table::Id> pending_;         // kNothing: withdraw
  bgp::FamilySet repeat_{};
  std::vector<std::set<hash::Prefix>> contributors_{};  // by rule: routes of its aggregate
};

}  // namespace ecmpd::control
