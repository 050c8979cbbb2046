// Every table and key that a configuration file may have: the one list behind "unknown key", "did you mean" and the
// test that the reference configuration explains all of them. Constant data; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ecmpd::control {

struct TableSchema {
  std::string_view name;
  bool repeated;  // [[name]] rather than [name]
  std::span<const std::string_view> keys;

  bool has(std::string_view key) const;
};

namespace schema {
extern const TableSchema kRouter, kDataplane, kPort, kEcmp, kRoute, kNexthop, kNeighborEntry, kNeighbor, kListen,
    kImportRule, kExportRule, kApi;
/// The tables of the top level; kNexthop is an inline table of a route, kImportRule and kExportRule are such of a peer.
std::span<const TableSchema* const> tables();
}  // namespace schema

/// The candidate that `word` is most likely a misspelling of; empty when none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace ecmpd::control
