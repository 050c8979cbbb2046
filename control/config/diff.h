// What a changed configuration asks of a running router: for `reload`, and for the log line that follows it.
//
// Routes, neighbor entries, neighbors, listen ranges and the settings of [ecmp] change while packets flow; the rest
// needs a restart, and is named key by key. Passwords are compared, never shown. Control thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "control/config/config.h"

namespace ecmpd::control {

struct ConfigChange {
  enum class Kind : uint8_t { kAdded, kRemoved, kChanged };
  enum class Effect : uint8_t {
    kLive,             // no session and no flow notices, but those that it is about
    kMovesFlows,       // which nexthop a connection has follows from it
    kRestartsSession,  // of a neighbor, or of those in the range
    kNeedsRestart,     // of ecmpd: not applied
  };
  Kind kind;
  std::string what;  // "route 198.51.100.0/24", "ecmp.seed", "port node1.mtu"
  Effect effect = Effect::kLive;
  /// "route 198.51.100.0/24: added", "port node1.mtu: changed (needs a restart)"
  std::string to_string() const;
};

std::string_view to_string(ConfigChange::Kind kind);      // "added"
std::string_view to_string(ConfigChange::Effect effect);  // "needs a restart"; empty for kLive

/// In the order of the tables in docs/ecmpd.toml; empty when both mean the same. The order in which routes, neighbors
/// and the like are listed does not count; that of ports does (it numbers them).
std::vector<ConfigChange> diff_config(const Config& running, const Config& wanted);

}  // namespace ecmpd::control
