// What of a changed configuration a running router takes over: everything but the keys that need a restart, which keep
// their running values.
//
// Pure. Control thread, at reload.
#pragma once

#include "control/config/config.h"

namespace ecmpd::control {

/// `wanted` with the running values of all that diff_config() marks as needing a restart. Link-local addresses are
/// given the zones of the running ports; what names a port that is not running yet is as it was before. Seed and state
/// file follow router_id by default: while that waits for a restart, so do they.
Config live_config(const Config& running, const Config& wanted);

/// What [ecmp] has by default for a router with this identifier.
uint64_t default_seed(uint32_t router_id);

}  // namespace ecmpd::control
