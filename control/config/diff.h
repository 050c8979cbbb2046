// What a changed configuration asks of a running router: for `reload`, and for the log line that follows it.
//
// Routes, neighbor entries, neighbors, listen ranges and the settings of [ecmp] change while packets flow; the rest
// needs a restart. Passwords are compared, never shown. Control thread.
#pragma once

#include <string>
#include <vector>

#include "control/config/config.h"

namespace ecmpd::control {

struct ConfigChange {
  enum class Kind : uint8_t { kAdded, kRemoved, kChanged };
  Kind kind;
  std::string what;  // "route 198.51.100.0/24", "ecmp.seed"
  bool needs_restart;
  /// "route 198.51.100.0/24: added", "port node1: changed (needs a restart)"
  std::string to_string() const;
};

/// In the order of the tables in docs/ecmpd.toml; empty when both mean the same. The order in which routes, neighbors
/// and the like are listed does not count; that of ports does (it numbers them).
std::vector<ConfigChange> diff_config(const Config& running, const Config& wanted);

}  // namespace ecmpd::control
