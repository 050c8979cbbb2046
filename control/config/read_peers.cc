// [[neighbor]] and [[listen]]: who may open a BGP session, and what it may say (declared in sections.h).
#include <algorithm>
#include <unordered_set>

#include "control/config/read_policy.h"
#include "control/config/sections.h"
#include "control/config/topology.h"
#include "control/config/values.h"

namespace ecmpd::control {
namespace {

constexpr std::string_view kAllowedPeer = "the address of another router";
constexpr std::string_view kAllowedRemoteAs = "1 to 4294967295, or a list of such numbers";

std::vector<uint32_t> read_asns(const Item& item) {
  std::vector<uint32_t> out;
  const std::vector<Item> list = item.list_or_one();
  if (list.empty()) item.fail("is empty", kAllowedRemoteAs);
  for (const Item& element : list) {
    const auto asn = read_asn(element);
    if (!asn) break;
    if (std::find(out.begin(), out.end(), *asn) != out.end()) {
      element.fail("is there twice", "a number only once");
      break;
    }
    out.push_back(*asn);
  }
  return out;
}

/// The address with the zone of the port that the table names, which a link-local one needs.
IpAddress on_port(const Table& table, const Item& item, const IpAddress& address,
                  const std::vector<PortConfig>& ports) {
  const auto named = table.find("port");
  if (!address.is_link_local()) {
    if (named) named->fail("is the port of an address that is not link-local", "port beside a link-local address only");
    return address;
  }
  if (!is_proper_link_local(address)) {
    item.fail("is not in fe80::/64, as every link-local address", "a link-local address such as \"fe80::b\"");
  }
  if (!named) {
    item.fail("is a link-local address, which does not say on which port", "with it, port = the name of its port");
    return address;
  }
  const auto name = named->string("the name of a port");
  const auto port = std::find_if(ports.begin(), ports.end(), [&](const PortConfig& one) { return one.name == name; });
  if (port == ports.end()) {
    if (name) named->fail("names no port", "the name of a [[port]]");
    return address;
  }
  const auto& own = port->addresses;
  if (std::none_of(own.begin(), own.end(), [](const InterfaceAddress& one) { return !one.address.is_v4(); })) {
    named->fail("has no IPv6 address", "a port with one; \"fe80::1/64\" will do");
  }
  return address.with_zone(zone_of_port(static_cast<size_t>(port - ports.begin())));
}

}  // namespace

void read_neighbors(const Item& root, const std::vector<PortConfig>& ports, std::vector<NeighborConfig>& out) {
  std::unordered_set<IpAddress> seen;
  for (const Table& table : repeated_tables(root, schema::kNeighbor)) {
    NeighborConfig neighbor;
    if (const auto item = table.require("address", kAllowedAddress)) {
      if (const auto address = read_address(*item)) {
        if (is_own_address(ports, *address)) item->fail("is this router's own address", kAllowedPeer);
        // A neighbor outside the ports' subnets is reached through a route.
        if (const Attachment here = attachment_of(ports, *address); here.port != nullptr) {
          if (const auto why = why_not_host(*address, here.subnet); !why.empty()) item->fail(why, kAllowedPeer);
        }
        neighbor.address = on_port(table, *item, *address, ports);
        if (!seen.insert(neighbor.address).second) item->fail("is an earlier neighbor too", "an address only once");
      }
    }
    if (const auto item = table.require("remote_as", "1 to 4294967295"))
      neighbor.remote_as = read_asn(*item).value_or(0);
    table.boolean("passive", neighbor.passive);
    table.integer("connect_retry", neighbor.connect_retry, 1, 65535);
    read_session(table, neighbor.session);
    read_policy(table, neighbor.policy);
    out.push_back(std::move(neighbor));
  }
}

void read_listens(const Item& root, std::vector<ListenConfig>& out) {
  std::unordered_set<Prefix> seen;
  for (const Table& table : repeated_tables(root, schema::kListen)) {
    ListenConfig listen;
    constexpr std::string_view kAllowedRange = R"(a prefix such as "10.0.1.0/24")";
    if (const auto item = table.require("range", kAllowedRange)) {
      const auto text = item->string(kAllowedRange);
      const auto range = text ? read_prefix(*item, *text, kAllowedRange) : std::nullopt;
      if (range && !seen.insert(*range).second) item->fail("is an earlier range too", "a range only once");
      listen.range = range.value_or(Prefix());
    }
    if (const auto item = table.require("remote_as", kAllowedRemoteAs)) listen.remote_as = read_asns(*item);
    read_session(table, listen.session);
    read_policy(table, listen.policy);
    out.push_back(std::move(listen));
  }
}

}  // namespace ecmpd::control
