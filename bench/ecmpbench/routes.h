// The forwarding state of a case: hash settings, adjacencies, groups and routes, through the Publisher as control
// writes them. Main thread.
#pragma once

#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "bench/ecmpbench/plan.h"
#include "dataplane/port.h"
#include "dataplane/publisher.h"

namespace ecmpd::bench {

/// Why there can be no such groups, in words for a person; empty when there can.
std::string refusal(const Case& plan);

/// Members are shared: group number g has `members` of the nodes, beginning with a node of its own choice. Their ports
/// take turns over the first `egress`. Prefix number i gets group i % groups.
tl::expected<void, std::string> load_routes(dataplane::Publisher& publisher, const Case& plan,
                                            std::span<const std::unique_ptr<dataplane::Port>> ports,
                                            std::span<const hash::Prefix> prefixes);

}  // namespace ecmpd::bench
