// A reload: the file is read and checked whole, and what changed is applied to the running router.
//
// A file with a mistake changes nothing, and neither does one whose sessions cannot be listened for. What needs a
// restart keeps its running value and is named. Control thread; blocks while the file is read.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "control/config/config.h"
#include "control/config/diff.h"
#include "control/daemon/host_side.h"
#include "control/daemon/machine.h"
#include "control/daemon/route_side.h"

namespace ecmpd::control {

/// Who may speak BGP to the router: what the workers put before other packets for it.
dataplane::PriorityTraffic priority_traffic(const Config& config);

struct RunningRouter {
  Config& config;  // becomes what runs from now on
  Machine& machine;
  HostSide& host;
  RouteSide& routes;
};

/// `cpus` are those that the process may run on. The differences between what ran and the file, or one line that says
/// why nothing was changed. Logs both.
tl::expected<std::vector<ConfigChange>, std::string> reload(const std::string& file, const std::vector<unsigned>& cpus,
                                                            const RunningRouter& router);

}  // namespace ecmpd::control
