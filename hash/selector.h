// Selectors: from a hash to a member of the nexthop array.
//
// Every selector ends in a bucket table. live_table() makes it for those that depend on nothing but the live members,
// their weights and the seed; hash/home.h does for all, also for `resilient` and `hash-threshold`, whose tables depend
// on the home that the live members belong to. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "hash/bucket_table.h"
#include "hash/lineage.h"
#include "hash/member.h"

namespace ecmpd::hash {

enum class Selector : uint8_t { kModulo, kHashThreshold, kResilient, kMaglev, kRendezvous, kVpp, kGrout };

inline constexpr Selector kSelectors[] = {Selector::kModulo, Selector::kHashThreshold, Selector::kResilient,
                                          Selector::kMaglev, Selector::kRendezvous,    Selector::kVpp,
                                          Selector::kGrout};

/// "modulo", "hash-threshold", "resilient", "maglev", "rendezvous", "vpp" or "grout".
std::optional<Selector> parse_selector(std::string_view name);
std::string_view to_string(Selector selector);

/// Models of other routers' tables, for the laboratory to compare with; a router of ours refuses them.
constexpr bool is_model(Selector selector) { return selector == Selector::kVpp || selector == Selector::kGrout; }

/// Whether the table depends on the home (who joined when), not on the live members alone.
constexpr bool needs_home(Selector selector) {
  return selector == Selector::kResilient || selector == Selector::kHashThreshold;
}

Indexing indexing_of(Selector selector);

/// The table of a selector that does not need a home, over `live` in order of address: distinct, 0 to kMaxMembers of
/// them, weights at least 1, owners are indexes into it. Nobody live: an empty table. `buckets` as in Home::build.
BucketTable live_table(Selector selector, std::span<const Member> live, uint32_t buckets, uint64_t seed);

}  // namespace ecmpd::hash
