#include "control/config/read_session.h"

#include <fmt/format.h>

#include <algorithm>

#include "control/config/topology.h"
#include "control/config/values.h"

namespace ecmpd::control {
namespace {

constexpr std::string_view kAllowedFamilies = R"("ipv4", "ipv6" or a list of them)";
constexpr std::string_view kAllowedPeer = "the address of another router";
constexpr std::string_view kAllowedPort = "the name of a port with an IPv6 address, for a link-local neighbor";

void read_families(const Item& item, SessionOptions& out) {
  out.ipv4 = out.ipv6 = false;
  const std::vector<Item> list = item.list_or_one();
  if (list.empty()) return item.fail("is empty", kAllowedFamilies);
  for (const Item& element : list) {
    const auto text = element.string(kAllowedFamilies);
    if (!text) return;
    if (*text != "ipv4" && *text != "ipv6") return element.fail("is no address family", kAllowedFamilies);
    bool& family = *text == "ipv4" ? out.ipv4 : out.ipv6;
    if (std::exchange(family, true)) return element.fail("is there twice", "a family only once");
  }
}

// The zone that a port's name stands for.
std::optional<uint16_t> read_zone(const Item& item, const std::vector<PortConfig>& ports) {
  const auto name = item.string(kAllowedPort);
  if (!name) return std::nullopt;
  for (size_t i = 0; i < ports.size(); ++i) {
    if (ports[i].name != *name) continue;
    const auto& own = ports[i].addresses;
    if (std::any_of(own.begin(), own.end(), [](const auto& one) { return !one.address.is_v4(); })) {
      return zone_of_port(i);
    }
    item.fail("is a port without an IPv6 address", kAllowedPort);
    return std::nullopt;
  }
  item.fail("names no port", kAllowedPort);
  return std::nullopt;
}

}  // namespace

void read_session_options(const Table& table, SessionOptions& out) {
  if (const auto item = table.find("families")) read_families(*item, out);
  table.boolean("add_path", out.add_path);
  table.boolean("graceful_restart", out.graceful_restart);
  table.integer("ttl_security_hops", out.ttl_security_hops, 0, 254);
  table.integer("ebgp_multihop", out.ebgp_multihop, 0, 255);
  if (out.ttl_security_hops != 0 && out.ebgp_multihop != 0) {
    table.find("ebgp_multihop")->fail("is beside ttl_security_hops, which sends with 255", "one of the two");
  }
}

std::optional<IpAddress> read_neighbor_address(const Table& table, const std::vector<PortConfig>& ports) {
  const auto item = table.require("address", kAllowedAddress);
  const auto address = item ? read_address(*item) : std::nullopt;
  if (!address) return std::nullopt;
  if (is_own_address(ports, *address)) item->fail("is this router's own address", kAllowedPeer);
  const auto port = table.find("port");
  if (address->is_link_local()) {
    if (!is_proper_link_local(*address)) {
      item->fail("is not in fe80::/64, as every link-local address", "a link-local address such as \"fe80::b\"");
    } else if (!port) {
      item->fail("is a link-local address, which does not say on which port", "with it, port = the name of its port");
    } else if (const auto zone = read_zone(*port, ports)) {
      return address->with_zone(*zone);
    }
    return std::nullopt;
  }
  if (port) port->fail("goes with a link-local address only", "no port for this neighbor");
  // A neighbor outside the ports' subnets is reached through a route.
  if (const Attachment here = attachment_of(ports, *address); here.port != nullptr) {
    if (const auto why = why_not_host(*address, here.subnet); !why.empty()) item->fail(why, kAllowedPeer);
  }
  return address;
}

}  // namespace ecmpd::control
