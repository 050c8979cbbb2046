#include "control/api/queries.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <string_view>

#include "control/api/present.h"
#include "control/api/query.h"
#include "control/api/watch_replies.h"
#include "control/api/words.h"
#include "control/zone_names.h"
#include "hash/tuple_text.h"

namespace ecmpd::control::api {
namespace {

using Query = Result<Table> (*)(const HttpRequest&, ControlDoor&);

Result<IpAddress> address_parameter(const HttpRequest& request, const std::string& name) {
  const std::string text = parameter(request, name);
  if (const auto address = IpAddress::parse(text)) return *address;
  return wrong(fmt::format("{}: \"{}\" is not an IP address", name, text));
}

template <auto Member, auto Present>
Result<Table> simple(const HttpRequest&, ControlDoor& door) {
  return ask(door, [](StateSource& source) { return (source.*Member)(); }).map(Present);
}

Result<Table> bgp_neighbor(const HttpRequest& request, ControlDoor& door) {
  const std::string text = parameter(request, "address");
  const auto address = parse_zoned(text);
  if (!address) {
    return wrong(text.find('%') == std::string::npos
                     ? fmt::format("address: \"{}\" is not an IP address", text)
                     : fmt::format("address: \"{}\" is not a link-local address and the name of a port", text));
  }
  struct Found {
    std::optional<BgpPeerView> peer;
    uint32_t router_id;
  };
  const auto found = ask(door, [address = *address](StateSource& source) {
    return Found{source.bgp_peer(address), source.bgp_summary().router_id};
  });
  if (!found) return tl::unexpected(found.error());
  if (!found->peer)
    return not_found(fmt::format(
        "no BGP neighbor {}{}", text,
        address->is_link_local() && address->zone() == 0 ? fmt::format(", or several: say {}%PORT", text) : ""));
  return present_bgp_peer(*found->peer, found->router_id);
}

/// One route: exactly that prefix, or the longest match of an address.
Result<RouteView> one_route(const HttpRequest& request, ControlDoor& door) {
  const std::string text = parameter(request, "prefix");
  const auto prefix = Prefix::parse(text);
  const auto address = IpAddress::parse(text);
  if (!prefix && !address) return wrong(fmt::format("\"{}\" is neither a prefix nor an IP address", text));
  const auto route = ask(door, [prefix, address](StateSource& source) {
    return prefix ? source.route(*prefix) : source.lookup(*address);
  });
  if (!route) return tl::unexpected(route.error());
  if (!*route) return not_found(fmt::format("no route {} {}", prefix ? "for exactly" : "to", text));
  return **route;
}

Result<Table> group(const HttpRequest& request, ControlDoor& door) {
  const std::string text = parameter(request, "id");
  const auto id = parse_number(text, UINT32_MAX);
  if (!id) return wrong(fmt::format("\"{}\" is not a group's number", text));
  const auto found = ask(door, [id = *id](StateSource& source) { return source.group(id); });
  if (!found) return tl::unexpected(found.error());
  if (!*found) return not_found(fmt::format("no group {}", *id));
  return present_group(**found);
}

Result<uint16_t> port_parameter(const HttpRequest& request, const std::string& name) {
  const std::string text = parameter(request, name);
  if (const auto number = parse_number(text, 65535)) return static_cast<uint16_t>(*number);
  return wrong(fmt::format("{}: \"{}\" is not a port; allowed: 0 to 65535", name, text));
}

Result<hash::Tuple> tuple_of(const HttpRequest& request) {
  hash::Tuple tuple;
  const auto src = address_parameter(request, "src");
  if (!src) return tl::unexpected(src.error());
  const auto dst = address_parameter(request, "dst");
  if (!dst) return tl::unexpected(dst.error());
  if (src->family() != dst->family()) return wrong("src and dst are not of one family");
  tuple.src = *src;
  tuple.dst = *dst;
  const std::string protocol = parameter(request, "protocol");
  const auto number = hash::parse_protocol(protocol);
  if (!number) return wrong(fmt::format("protocol: \"{}\" is neither a known name nor a number to 255", protocol));
  tuple.protocol = *number;
  if (request.parameters.contains("sport") || request.parameters.contains("dport")) {
    const auto sport = port_parameter(request, "sport");
    if (!sport) return tl::unexpected(sport.error());
    const auto dport = port_parameter(request, "dport");
    if (!dport) return tl::unexpected(dport.error());
    tuple.sport = *sport;
    tuple.dport = *dport;
  }
  return tuple;
}

Result<Table> explain(const HttpRequest& request, ControlDoor& door) {
  const auto tuple = tuple_of(request);
  if (!tuple) return tl::unexpected(tuple.error());
  return ask(door, [tuple = *tuple](StateSource& source) { return source.explain(tuple); }).map(present_explain);
}

Result<Table> reload(const HttpRequest&, ControlDoor& door) {
  const auto changes = ask(door, [](StateSource& source) { return source.reload(); });
  if (!changes) return tl::unexpected(changes.error());
  if (!*changes) return tl::unexpected(Failure{422, fmt::format("nothing changed: {}", changes->error())});
  return present_reload(**changes);
}

constexpr std::pair<std::string_view, Query> kQueries[] = {
    {"/v1/show/bgp/summary", simple<&StateSource::bgp_summary, &present_bgp_summary>},
    {"/v1/show/bgp/neighbor", bgp_neighbor},
    {"/v1/show/bgp/timing", simple<&StateSource::bgp_timing, &present_bgp_timing>},
    {"/v1/show/groups", simple<&StateSource::groups, &present_groups>},
    {"/v1/show/group", group},
    {"/v1/show/ports", simple<&StateSource::ports, &present_ports>},
    {"/v1/show/drops", simple<&StateSource::drops, &present_drops>},
    {"/v1/show/icmp", simple<&StateSource::icmp, &present_icmp>},
    {"/v1/show/workers", simple<&StateSource::workers, &present_workers>},
    {"/v1/show/hash", simple<&StateSource::hash, &present_hash>},
    {"/v1/show/neighbors", simple<&StateSource::neighbors, &present_neighbors>},
    {"/v1/explain", explain},
    {"/v1/reload", reload},
};

HttpReply rendered(const Result<Table>& table, bool text) {
  if (!table) return failed(table.error());
  return text ? HttpReply{200, kText, to_text(*table)} : HttpReply{200, "application/json", to_json(*table)};
}

/// The whole table may be a million routes: it is fetched and sent in pages, and the control thread does other work
/// between two of them. Routes that change meanwhile are shown as they were when their page was read.
HttpReply all_routes(const HttpRequest& request, ControlDoor& door, bool text) {
  struct Progress {
    RouteQuery query;
    PagedList list;
    bool ended = false;
  };
  auto progress = std::make_shared<Progress>(Progress{{}, PagedList(!text)});
  progress->query.all = parameter(request, "all") == "1";
  const auto next = [progress, &door]() -> Result<std::string> {
    const auto routes = ask(door, [query = progress->query](StateSource& source) { return source.routes(query); });
    if (!routes) return tl::unexpected(routes.error());
    progress->ended = routes->empty();
    if (!routes->empty()) progress->query.after = routes->back().prefix;
    return progress->list.page(present_routes(*routes)) + (progress->ended ? progress->list.end() : "");
  };
  const auto first = next();
  if (!first) return failed(first.error());
  HttpReply reply{200, text ? kText : "application/json", *first};
  reply.more = [progress, next](std::string& piece) {
    if (progress->ended) return More::kEnd;
    const auto page = next();
    if (page) piece = *page;
    return page ? More::kPiece : More::kBroken;
  };
  return reply;
}

}  // namespace

HttpReply failed(const Failure& failure) {
  const nlohmann::json body = {{"error", failure.message}};
  return {failure.status, "application/json",
          body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"};
}

HttpReply answer(const HttpRequest& request, ControlDoor& door) {
  const std::string format = parameter(request, "format");
  if (!format.empty() && format != "text" && format != "json") {
    return failed({400, fmt::format("format: \"{}\"; allowed: text, json", format)});
  }
  const bool text = format == "text";
  if (request.path == "/v1/show/routes") {
    if (!request.parameters.contains("prefix")) return all_routes(request, door, text);
    const auto route = one_route(request, door);
    if (!route) return failed(route.error());
    if (!text) return {200, "application/json", to_json(present_route(*route))};
    const std::string paths = route->paths.empty() ? "" : "\n" + to_text(present_paths(*route));
    return {200, kText, to_text(present_routes({*route})) + paths};
  }
  if (request.path == "/v1/trace") return trace(request, door, text);
  if (request.path == "/v1/capture") return capture(request, door);
  if (request.path == "/v1/watch/end") return end_watch(request, door);
  for (const auto& [path, query] : kQueries) {
    if (path == request.path) return rendered(query(request, door), text);
  }
  return failed({501, fmt::format("this ecmpd does not know {}", request.path)});
}

}  // namespace ecmpd::control::api
