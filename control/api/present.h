// From views to tables: one function for each thing that can be shown. Columns and JSON keys live here and nowhere
// else. Pure functions; any thread.
#pragma once

#include <vector>

#include "control/api/table.h"
#include "control/api/views.h"

namespace ecmpd::control::api {

// present_routes.cc: the JSON of `show routes` is a contract with scripts.
Table present_routes(const std::vector<RouteView>& routes);
/// One route, with the paths that it was chosen from: in the JSON `paths`, in the text a table behind the other.
Table present_route(const RouteView& route);
Table present_paths(const RouteView& route);

// present_groups.cc
Table present_groups(const std::vector<GroupView>& groups);
Table present_group(const GroupView& group);
/// The largest |share - exact share| / exact share over the live members; 0 for a group without any.
double worst_deviation(const GroupView& group);

// present_bgp.cc: FRR's columns and JSON key names where the field is the same.
Table present_bgp_summary(const BgpSummaryView& summary);
Table present_bgp_timing(const std::vector<BgpTimingView>& neighbors);
Table present_bgp_peer(const BgpPeerView& peer, uint32_t router_id);

// present_dataplane.cc
Table present_ports(const std::vector<PortView>& ports);
Table present_drops(const std::vector<DropView>& drops);
Table present_icmp(const std::vector<IcmpView>& ports);
Table present_workers(const std::vector<WorkerView>& workers);
Table present_hash(const HashView& hash);
Table present_neighbors(const std::vector<NeighborView>& neighbors);

// present_explain.cc
Table present_explain(const ExplainView& explain);

// present_trace.cc
Table present_watched(const WatchedView& packet);

// present_reload.cc
Table present_reload(const std::vector<ConfigChangeView>& changes);

}  // namespace ecmpd::control::api
