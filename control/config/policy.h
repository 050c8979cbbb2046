// What a neighbor, or everybody in a listen range, may say and is told: filters, their actions, and limits.
//
// Plain values; control/rib applies them. Rules are tried in order and the first that matches decides; what none
// matches is refused (RFC 8212). All conditions of a rule must hold; of a list one is enough. Control thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hash/address.h"

namespace ecmpd::control {

using hash::IpAddress;
using hash::Prefix;

/// "ge 24 le 32": both ends belong to it.
struct NumberRange {
  uint32_t ge = 0;
  uint32_t le = UINT32_MAX;
  bool contains(uint32_t number) const { return number >= ge && number <= le; }
  bool operator==(const NumberRange&) const = default;
};

/// "203.0.113.0/24 le 32": prefixes within `prefix` whose length is in [ge, le].
struct PrefixRule {
  Prefix prefix;
  uint8_t ge = 0;
  uint8_t le = 0;
  bool matches(const Prefix& other) const {
    return prefix.contains(other) && other.length() >= ge && other.length() <= le;
  }
  bool operator==(const PrefixRule&) const = default;
};

struct ImportRule {
  // Conditions; empty: any.
  std::vector<PrefixRule> prefixes;
  std::optional<NumberRange> prefix_length;
  std::vector<uint32_t> communities;                         // RFC 1997: AS << 16 | value
  std::vector<std::array<uint32_t, 3>> large_communities{};  // RFC 8092
  std::vector<uint32_t> as_path{};                           // contains one of these
  std::vector<uint32_t> origin_as{};                         // ends with one of these
  std::optional<NumberRange> as_path_length{};               // as in the decision: a set counts as one
  // Actions
  bool accept = true;
  std::optional<uint16_t> weight{};
  std::optional<uint32_t> local_preference{};

  bool matches_prefix(const Prefix& prefix) const {
    if (prefix_length && !prefix_length->contains(prefix.length())) return false;
    if (prefixes.empty()) return true;
    for (const PrefixRule& rule : prefixes) {
      if (rule.matches(prefix)) return true;
    }
    return false;
  }
  bool operator==(const ImportRule&) const = default;
};

/// Nothing configured accepts nothing.
struct ImportFilter {
  std::vector<ImportRule> rules;
  bool operator==(const ImportFilter&) const = default;
};

struct ExportRule {
  std::vector<PrefixRule> prefixes;   // empty: any
  std::optional<Prefix> aggregate{};  // instead: this prefix, while a route of it or within it is installed
  // Actions
  std::vector<uint32_t> add_communities{};
  uint8_t prepend = 0;  // the router's own AS, so many times more
  bool matches(const Prefix& prefix) const {
    if (aggregate) return false;
    if (prefixes.empty()) return true;
    for (const PrefixRule& rule : prefixes) {
      if (rule.matches(prefix)) return true;
    }
    return false;
  }
  bool operator==(const ExportRule&) const = default;
};

/// Nothing configured announces nothing.
struct ExportFilter {
  std::vector<ExportRule> rules;
  bool operator==(const ExportFilter&) const = default;
};

/// What happens at the first prefix beyond maximum_prefix.
enum class MaximumPrefixAction : uint8_t {
  kWarn,     // it is accepted, and the log says so
  kDiscard,  // it is not taken; the session goes on
  kRestart,  // the session ends, and may come back after maximum_prefix_restart
};

/// What a configured neighbor and a listen range have in common.
struct PeerPolicy {
  ImportFilter import_filter;
  ExportFilter export_filter;
  std::vector<std::pair<uint32_t, uint16_t>> community_weight{};  // the first that a path carries counts
  uint64_t link_bandwidth = 0;                                    // bits a second that are one share; 0: ignored
  uint32_t maximum_prefix = 0;                                    // 0: no limit
  MaximumPrefixAction maximum_prefix_action = MaximumPrefixAction::kRestart;
  uint16_t maximum_prefix_restart = 60;  // seconds
  uint16_t hold_time = 90;               // seconds: 0 or at least 3
  std::string password{};                // TCP MD5 (RFC 2385); empty: none
  bool operator==(const PeerPolicy&) const = default;
};

}  // namespace ecmpd::control
