// The decision process of RFC 4271 section 9.1.2 over the paths of one prefix, with multipath.
//
// Multipath takes every path that is equal up to the nexthop: LOCAL_PREF, AS_PATH length (whatever ASes are in it:
// "as-path relax"), ORIGIN, MED within a neighbor AS, eBGP over iBGP. The interior cost to the nexthop is 0 for all,
// since only nexthops in connected subnets are usable, so that step decides nothing. One path among the equal ones is
// best: the lowest BGP identifier, then the lowest peer address. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "hash/address.h"

namespace ecmpd::control {

/// Why a path is not used, or that it is.
enum class Outcome : uint8_t {
  kBest,
  kMultipath,
  kIneligibleLoop,     // our own ASN in the AS_PATH
  kIneligibleNexthop,  // see NexthopVerdict
  kLocalPref,          // from here on: lost at this step
  kAsPathLength,
  kOrigin,
  kMed,
  kInternal,      // there is a path by eBGP
  kMaximumPaths,  // equal, but more than maximum_paths nexthops are
  kOtherSource,   // a connected or static route has preference
  kFiltered,      // by the import policy
};
std::string_view to_string(Outcome outcome);

struct Candidate {
  // In: higher local_pref, lower everything else.
  uint32_t local_pref = 100;
  uint32_t as_path_length = 0;
  uint32_t med = 0;
  uint32_t neighbor_as = 0;
  uint8_t origin = 0;
  bool ebgp = true;
  uint32_t router_id = 0;  // host byte order
  hash::IpAddress peer_address;
  hash::IpAddress next_hop;
  // Carried along for the caller.
  uint32_t attributes = 0;
  uint32_t path_id = 0;
  uint16_t peer = 0;
  uint16_t weight = 1;
  bool draining = false;
  bool stale = false;
  bool recursive = false;  // other routes lead to its nexthop, or none does
  // In: kBest for eligible paths, else why not. Out: the verdict.
  Outcome outcome = Outcome::kBest;
};

struct Decision {
  unsigned used = 0;       // the first `used` candidates are the best and its equals, best first
  bool truncated = false;  // maximum_paths nexthops did not suffice
};

/// Decides, and orders the candidates: used ones first in order of preference, the rest after them. Equal paths beyond
/// `maximum_paths` distinct nexthops are cut in that order, so that the choice does not depend on who came first.
Decision decide(std::span<Candidate> candidates, unsigned maximum_paths);

}  // namespace ecmpd::control
