#include "hash/selector.h"

#include <algorithm>
#include <cassert>

#include "hash/maglev.h"
#include "hash/model_tables.h"
#include "hash/rendezvous.h"
#include "hash/unit_table.h"

namespace ecmpd::hash {

std::string_view to_string(Selector selector) {
  switch (selector) {
    case Selector::kModulo:
      return "modulo";
    case Selector::kHashThreshold:
      return "hash-threshold";
    case Selector::kResilient:
      return "resilient";
    case Selector::kMaglev:
      return "maglev";
    case Selector::kRendezvous:
      return "rendezvous";
    case Selector::kVpp:
      return "vpp";
    case Selector::kGrout:
      return "grout";
  }
  return "";
}

std::optional<Selector> parse_selector(std::string_view name) {
  for (const Selector selector : kSelectors) {
    if (name == to_string(selector)) return selector;
  }
  return std::nullopt;
}

Indexing indexing_of(Selector selector) {
  switch (selector) {
    case Selector::kModulo:
    case Selector::kMaglev:
      return Indexing::kModulo;
    case Selector::kHashThreshold:
      return Indexing::kRange;
    case Selector::kResilient:
    case Selector::kRendezvous:
    case Selector::kVpp:
    case Selector::kGrout:
      break;
  }
  return Indexing::kLowBits;
}

BucketTable live_table(Selector selector, std::span<const Member> live, uint32_t buckets, uint64_t seed) {
  assert(!needs_home(selector) && live.size() <= kMaxMembers && std::is_sorted(live.begin(), live.end(), by_address));
  BucketTable table{.owners = {}, .indexing = indexing_of(selector)};
  if (live.empty()) return table;
  if (buckets == 0) buckets = kMaxBuckets;
  switch (selector) {
    case Selector::kModulo:
      table.owners = unit_table(live);
      break;
    case Selector::kMaglev:
      table.owners = maglev_table(live, maglev_size(std::max(buckets, static_cast<uint32_t>(live.size()))), seed);
      break;
    case Selector::kRendezvous:
      table.owners = rendezvous_table(live, buckets, seed);
      break;
    case Selector::kVpp:
      table.owners = vpp_table(live);
      break;
    case Selector::kGrout:
      table.owners = grout_table(live);
      break;
    case Selector::kHashThreshold:
    case Selector::kResilient:
      break;  // see hash/home.h
  }
  return table;
}

}  // namespace ecmpd::hash
