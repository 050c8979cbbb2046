#include "control/config/schema.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <vector>

namespace ecmpd::control {

bool TableSchema::has(std::string_view key) const { return std::find(keys.begin(), keys.end(), key) != keys.end(); }

namespace schema {
namespace {
using Keys = std::string_view[];
constexpr Keys kRouterKeys = {"asn", "router_id"};
constexpr Keys kDataplaneKeys = {"workers", "idle", "fib_tbl8", "fib6_prefixes", "icmp_rate"};
constexpr Keys kPortKeys = {"name", "device", "parent", "vlan", "address", "mtu"};
constexpr Keys kEcmpKeys = {"key",      "symmetric", "hash",          "toeplitz_key", "seed",
                            "selector", "buckets",   "maximum_paths", "forget_after", "state_file"};
constexpr Keys kRouteKeys = {"prefix", "nexthops"};
constexpr Keys kNexthopKeys = {"via", "port", "weight"};
constexpr Keys kNeighborEntryKeys = {"address", "mac", "port"};
/// What a neighbor and a listen range have in common.
constexpr Keys kPeerKeys = {"remote_as",
                            "import",
                            "export",
                            "community_weight",
                            "link_bandwidth",
                            "maximum_prefix",
                            "maximum_prefix_action",
                            "maximum_prefix_restart",
                            "hold_time",
                            "families",
                            "add_path",
                            "graceful_restart",
                            "ttl_security_hops",
                            "ebgp_multihop",
                            "password"};

template <size_t own>
constexpr auto and_peer_keys(const std::string_view (&keys)[own]) {
  std::array<std::string_view, own + std::size(kPeerKeys)> out;
  std::copy(std::begin(kPeerKeys), std::end(kPeerKeys), std::copy(std::begin(keys), std::end(keys), out.begin()));
  return out;
}
constexpr auto kNeighborKeys = and_peer_keys({"address", "port", "passive", "connect_retry"});
constexpr auto kListenKeys = and_peer_keys({"range"});
constexpr Keys kImportRuleKeys = {"prefix",    "prefix_length",  "community", "large_community", "as_path",
                                  "origin_as", "as_path_length", "action",    "weight",          "local_preference"};
constexpr Keys kExportRuleKeys = {"prefix", "aggregate", "add_community", "prepend"};
constexpr Keys kApiKeys = {"socket"};
}  // namespace

constexpr TableSchema kRouter{"router", false, kRouterKeys};
constexpr TableSchema kDataplane{"dataplane", false, kDataplaneKeys};
constexpr TableSchema kPort{"port", true, kPortKeys};
constexpr TableSchema kEcmp{"ecmp", false, kEcmpKeys};
constexpr TableSchema kRoute{"route", true, kRouteKeys};
constexpr TableSchema kNexthop{"nexthops", true, kNexthopKeys};
constexpr TableSchema kNeighborEntry{"neighbor_entry", true, kNeighborEntryKeys};
constexpr TableSchema kNeighbor{"neighbor", true, kNeighborKeys};
constexpr TableSchema kListen{"listen", true, kListenKeys};
constexpr TableSchema kImportRule{"import", false, kImportRuleKeys};
constexpr TableSchema kExportRule{"export", false, kExportRuleKeys};
constexpr TableSchema kApi{"api", false, kApiKeys};

std::span<const TableSchema* const> tables() {
  static constexpr std::array<const TableSchema*, 9> kTables = {&kRouter,        &kDataplane, &kPort,   &kEcmp, &kRoute,
                                                                &kNeighborEntry, &kNeighbor,  &kListen, &kApi};
  return kTables;
}
}  // namespace schema

namespace {
char folded(char c) {
  return c == '-' || c == ' ' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

/// Levenshtein's distance; case and the difference of '-' and '_' are free.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (folded(a[i - 1]) != folded(b[j - 1]) ? 1 : 0);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}
}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  size_t best_distance = 0;
  if (word.size() > 64) return best;
  for (const std::string_view candidate : candidates) {
    const size_t d = distance(word, candidate);
    // A third of the letters wrong is a misspelling; so is the singular for the plural, or a prefix of it.
    const bool near =
        d <= std::max<size_t>(1, candidate.size() / 3) || (word.size() >= 3 && candidate.starts_with(word));
    if (near && (best.empty() || d < best_distance)) {
      best = candidate;
      best_distance = d;
    }
  }
  return best;
}

}  // namespace ecmpd::control
