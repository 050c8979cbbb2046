#include "control/api/present.h"
#include "control/api/words.h"
#include "control/zone_names.h"

namespace ecmpd::control::api {
namespace {

const char* source_text(RouteSource source) {
  switch (source) {
    case RouteSource::kBgp:
      return "bgp";
    case RouteSource::kStatic:
      return "static";
    case RouteSource::kConnected:
      return "connected";
    case RouteSource::kNeighbor:
      return "neighbor";
    case RouteSource::kAggregate:
      return "aggregate";
  }
  return "";
}

std::string installed_text(const RouteView& route) {
  if (route.installed) return "yes";
  return route.not_installed_because.empty() ? "no" : "no (" + route.not_installed_because + ")";
}

}  // namespace

Table present_routes(const std::vector<RouteView>& routes) {
  Table table;
  table.name = "routes";
  const std::vector<Column> nexthop_columns = {
      {"Nexthop", "address"}, {"Port", "port"}, {"Weight", "weight", Align::kRight}, {"Live", ""}, {"", "live"},
      {"", "draining"},       {"", "resolving"}};
  table.columns = {{"Prefix", "prefix"},
                   {"Source", "source"},
                   {"Installed", ""},
                   {"", "installed"},
                   {"Group", "group", Align::kRight},
                   {"", "nexthops", Align::kLeft, nexthop_columns}};
  table.rows.reserve(routes.size());
  for (const RouteView& route : routes) {
    std::vector<Row> nexthops;
    for (const NexthopView& nexthop : route.nexthops) {
      nexthops.push_back({text_of(nexthop.address), some(nexthop.port), nexthop.weight,
                          live_text(nexthop.live, nexthop.draining), nexthop.live, nexthop.draining,
                          nexthop.resolving});
    }
    table.rows.push_back({route.prefix.to_string(), source_text(route.source), installed_text(route), route.installed,
                          route.group, std::move(nexthops)});
  }
  return table;
}

namespace {

std::vector<Column> path_columns() {
  const auto right = Align::kRight;
  return {{"Peer", "peer"},
          {"AS", "remoteAs", right},
          {"Nexthop", "nexthop"},
          {"Path ID", "pathId", right},
          {"AS path", "aspath"},
          {"Origin", "origin"},
          {"Metric", "metric", right},
          {"LocPrf", "locPrf", right},
          {"Weight", "weight", right},
          {"", "community"},
          {"", "largeCommunity"},
          {"Used", "used"},
          {"", "best"},
          {"", "stale"},
          {"", "draining"},
          {"Why", "reason"}};
}

std::vector<Row> path_rows(const RouteView& route) {
  std::vector<Row> rows;
  for (const PathView& path : route.paths) {
    rows.push_back({zoned_text(path.peer), path.remote_as, zoned_text(path.nexthop), path.path_id, path.as_path,
                    path.origin, path.med, path.local_preference, path.weight, path.communities, path.large_communities,
                    path.used, path.best, path.stale, path.draining, path.reason});
  }
  return rows;
}

}  // namespace

Table present_route(const RouteView& route) {
  Table table = present_routes({route});
  std::vector<Column> in_json_only = path_columns();
  for (Column& column : in_json_only) column.header.clear();
  table.columns.push_back({"", "paths", Align::kLeft, in_json_only});
  table.rows[0].push_back(path_rows(route));
  return table;
}

Table present_paths(const RouteView& route) {
  Table table;
  table.name = "paths";
  table.columns = path_columns();
  table.rows = path_rows(route);
  return table;
}

}  // namespace ecmpd::control::api
