#include "control/api/present.h"
#include "control/api/words.h"

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
      {"Nexthop", "address"}, {"Port", "port"}, {"Weight", "weight", Align::kRight}, {"Live", "live"}};
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
      nexthops.push_back({text_of(nexthop.address), some(nexthop.port), nexthop.weight, nexthop.live});
    }
    table.rows.push_back({route.prefix.to_string(), source_text(route.source), installed_text(route), route.installed,
                          route.group, std::move(nexthops)});
  }
  return table;
}

}  // namespace ecmpd::control::api
