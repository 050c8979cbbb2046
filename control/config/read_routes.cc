// [[route]] and [[neighbor_entry]]: what an operator says by hand about the ports' subnets (declared in sections.h).
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "control/config/sections.h"
#include "control/config/topology.h"
#include "control/config/values.h"

namespace ecmpd::control {
namespace {

constexpr std::string_view kAllowedNexthops = R"(a list of 1 to 1024 such as [{ via = "10.0.1.11", weight = 1 }])";
constexpr std::string_view kAllowedVia = R"(an address of one host such as "10.0.1.11")";
constexpr size_t kMostNexthops = 1024;

std::string quoted_names(const std::vector<PortConfig>& ports) {
  std::string out;
  for (const PortConfig& port : ports) out += fmt::format("{}{}", out.empty() ? "" : ", ", quoted(port.name));
  return out;
}

/// The port that an item names; null, and a problem, when it names none.
const PortConfig* read_port(const Item& item, const std::vector<PortConfig>& ports) {
  const auto name = item.string("the name of a port");
  if (!name) return nullptr;
  const auto port = std::find_if(ports.begin(), ports.end(), [&](const PortConfig& p) { return p.name == *name; });
  if (port != ports.end()) return &*port;
  item.fail("names no port", quoted_names(ports));
  return nullptr;
}

/// A host that is on the link of `port`, or of any port when that is null: in a subnet of it, or link-local.
std::optional<IpAddress> check_host(const Item& item, const IpAddress& address, const std::vector<PortConfig>& ports,
                                    const PortConfig* port) {
  const std::vector<PortConfig> here = port != nullptr ? std::vector{*port} : ports;
  const std::string allowed = fmt::format("a host's address in {}", list_subnets(here, address.family()));
  const Attachment attachment = attachment_of(here, address);
  const auto has_ipv6 = [](const PortConfig& p) {
    return std::any_of(p.addresses.begin(), p.addresses.end(), [](const auto& own) { return !own.address.is_v4(); });
  };
  if (is_own_address(address.is_link_local() ? here : ports, address) &&
      (!address.is_link_local() || port != nullptr)) {
    item.fail("is this router's own address", allowed);
  } else if (address.is_link_local()) {
    if (!is_proper_link_local(address)) {
      item.fail("is not in fe80::/64, as every link-local address", "a link-local address such as \"fe80::b\"");
    } else if (port == nullptr) {
      item.fail("is a link-local address, which does not say on which port", "with it, port = the name of its port");
    } else if (!has_ipv6(*port)) {
      item.fail(fmt::format("is on port {}, which has no IPv6 address", quoted(port->name)),
                "a port with one; \"fe80::1/64\" will do");
    } else {
      return address.with_zone(zone_of_port(static_cast<size_t>(
          std::find_if(ports.begin(), ports.end(), [&](const PortConfig& p) { return p.name == port->name; }) -
          ports.begin())));
    }
  } else if (attachment.port == nullptr) {
    item.fail(port == nullptr ? "is outside every port's subnet" : "is outside the subnets of its port", allowed);
  } else if (const auto why = why_not_host(address, attachment.subnet); !why.empty()) {
    item.fail(why, allowed);
  } else {
    return address;
  }
  return std::nullopt;
}

std::optional<StaticNexthop> read_nexthop(const Item& item, const Prefix& prefix,
                                          const std::vector<PortConfig>& ports) {
  if (item.node().kind != Node::Kind::kTable) {
    item.fail_type("a nexthop", kAllowedNexthops);
    return std::nullopt;
  }
  const Table table(item, schema::kNexthop);
  StaticNexthop nexthop;
  table.integer("weight", nexthop.weight, 1, 65535);
  const auto via = table.require("via", kAllowedVia);
  if (!via) return std::nullopt;
  // The family comes first: "outside every port's subnet" would send the reader the wrong way.
  const auto address = read_address(*via, kAllowedVia);
  if (!address) return std::nullopt;
  if (address->is_v4() && prefix.family() == hash::Family::kIpv6) {
    via->fail("is an IPv4 nexthop of an IPv6 route", "an IPv6 address");
    return std::nullopt;
  }
  const PortConfig* port = nullptr;
  if (const auto name = table.find("port")) {
    port = read_port(*name, ports);
    if (port == nullptr) return std::nullopt;
  }
  const auto host = check_host(*via, *address, ports, port);
  if (!host) return std::nullopt;
  nexthop.via = *host;
  return nexthop;
}

void read_nexthops(const Item& item, const std::vector<PortConfig>& ports, StaticRouteConfig& route) {
  const auto list = item.list(kAllowedNexthops);
  if (!list) return;
  if (list->empty()) return item.fail("is empty", kAllowedNexthops);
  if (list->size() > kMostNexthops) {
    return item.fail(fmt::format("has {} nexthops", list->size()), kAllowedNexthops);
  }
  std::unordered_set<IpAddress> seen;
  for (const Item& element : *list) {
    const auto nexthop = read_nexthop(element, route.prefix, ports);
    if (!nexthop) return;
    if (!seen.insert(nexthop->via).second) {
      const std::string via = nexthop->via.without_zone().to_string();
      return element.fail(fmt::format("has the via {} of an earlier nexthop", quoted(via)),
                          "an address only once; a larger share is a larger weight");
    }
    route.nexthops.push_back(*nexthop);
  }
}

void check_prefix(const Item& item, const Prefix& prefix, const std::vector<PortConfig>& ports) {
  static const Prefix kLinkLocal = *Prefix::parse("fe80::/10");
  if (kLinkLocal.contains(prefix)) {
    item.fail("is link-local: such packets stay on their link (RFC 4291, 2.5.6)", "a prefix outside fe80::/10");
  }
  for (const PortConfig& port : ports) {
    for (const InterfaceAddress& own : port.addresses) {
      if (own.subnet() == prefix) {
        item.fail(fmt::format("is the subnet of port {}", quoted(port.name)), "a prefix that is not connected");
      } else if (Prefix(own.address, own.address.bits()) == prefix) {
        item.fail(fmt::format("is the address of port {}", quoted(port.name)),
                  "a prefix that is not this router's own");
      }
    }
  }
}

}  // namespace

void read_routes(const Item& root, const std::vector<PortConfig>& ports, std::vector<StaticRouteConfig>& out) {
  std::unordered_map<Prefix, unsigned> seen;  // with the line
  for (const Table& table : repeated_tables(root, schema::kRoute)) {
    const auto item = table.require("prefix", kAllowedPrefix);
    if (!item) return;
    const auto text = item->string(kAllowedPrefix);
    const auto prefix = text ? read_prefix(*item, *text) : std::nullopt;
    if (!prefix) return;
    check_prefix(*item, *prefix, ports);
    const auto [earlier, is_new] = seen.emplace(*prefix, item->line());
    if (!is_new) {
      return item->fail(fmt::format("has a route on line {} already", earlier->second), "a prefix only once");
    }
    StaticRouteConfig route{*prefix, {}};
    if (const auto nexthops = table.require("nexthops", kAllowedNexthops)) read_nexthops(*nexthops, ports, route);
    if (root.problems().any()) return;
    out.push_back(std::move(route));
  }
}

void read_neighbor_entries(const Item& root, const std::vector<PortConfig>& ports,
                           std::vector<NeighborEntryConfig>& out) {
  std::unordered_map<IpAddress, std::vector<std::string>> seen;
  for (const Table& table : repeated_tables(root, schema::kNeighborEntry)) {
    NeighborEntryConfig entry;
    const auto port_item = table.require("port", "the name of a port");
    const PortConfig* port = port_item ? read_port(*port_item, ports) : nullptr;
    if (port == nullptr) return;
    entry.port = port->name;

    const auto address_item = table.require("address", kAllowedVia);
    const auto address = address_item ? read_address(*address_item, kAllowedVia) : std::nullopt;
    if (!address) return;
    const auto host = check_host(*address_item, *address, ports, port);
    if (!host) return;
    auto& holders = seen[*address];
    if (std::find(holders.begin(), holders.end(), entry.port) != holders.end()) {
      return address_item->fail("has an earlier entry", "an address only once for a port");
    }
    holders.push_back(entry.port);
    entry.address = *host;

    const auto mac_item = table.require("mac", R"(a MAC address such as "02:00:00:00:01:0b")");
    const auto mac = mac_item ? read_mac(*mac_item) : std::nullopt;
    if (!mac) return;
    entry.mac = *mac;
    if (root.problems().any()) return;
    out.push_back(std::move(entry));
  }
}

}  // namespace ecmpd::control
