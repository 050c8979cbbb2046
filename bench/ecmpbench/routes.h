// The forwarding state of a case: hash settings, adjacencies, groups and routes, through the Publisher as control
// writes them. Main thread.
#pragma once

#include <memory>
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
/// take turns over the first `egress`.
tl::expected<std::vector<dataplane::GroupId>, std::string> load_groups(
    dataplane::Publisher& publisher, const Case& plan, std::span<const std::unique_ptr<dataplane::Port>> ports);

/// Prefix number i gets group number i % groups. The error when the FIB is full.
tl::expected<void, std::string> load_routes(dataplane::Publisher& publisher, std::span<const dataplane::GroupId> groups,
                                            std::span<const hash::Prefix> prefixes);

}  // namespace ecmpd::bench
