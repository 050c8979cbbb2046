// [[port]] (declared in sections.h).
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "control/config/sections.h"
#include "control/config/values.h"

namespace ecmpd::control {
namespace {

constexpr std::string_view kAllowedAddresses = "one address such as \"10.0.1.1/24\" or a list of them";

/// What may be there once: the interface, DPDK's device name, the PCI address.
std::string identity(const PortConfig& port) {
  switch (port.device_kind) {
    case DeviceKind::kAfPacket:
    case DeviceKind::kAfXdp:
    case DeviceKind::kTap:
      return fmt::format("interface {}", port.device);
    case DeviceKind::kVdev:
      return fmt::format("virtual device {}", port.device.substr(0, port.device.find(',')));
    case DeviceKind::kPci:
      return fmt::format("PCI device {}", port.device);
  }
  return port.device;
}

void check_address(const Item& item, const InterfaceAddress& address, const PortConfig& port,
                   const std::vector<PortConfig>& others) {
  for (const InterfaceAddress& own : port.addresses) {
    if (own.address == address.address) item.fail("is there twice", "an address only once");
  }
  if (address.address.is_link_local()) return;
  for (const PortConfig& other : others) {
    for (const InterfaceAddress& theirs : other.addresses) {
      if (theirs.address.is_link_local()) continue;
      if (!theirs.subnet().contains(address.subnet()) && !address.subnet().contains(theirs.subnet())) continue;
      item.fail(fmt::format("overlaps {}/{} of port {}", theirs.address.to_string(), theirs.prefix_length,
                            quoted(other.name)),
                "a subnet that no other port has a part of");
    }
  }
}

void read_own_device(const Table& table, PortConfig& port, const std::vector<PortConfig>& others) {
  const auto item = table.require("device", "a device such as \"af_packet:eth1\" or \"0000:3b:00.0\"");
  if (!item) return;
  auto device = read_device(*item);
  if (!device) return;
  std::tie(port.device_kind, port.device) = *device;
  for (const PortConfig& other : others) {
    if (other.vlan != 0 || identity(other) != identity(port)) continue;
    item->fail(fmt::format("is the {} of port {} too", identity(port), quoted(other.name)), "a device only once");
  }
}

/// The port that a sub-port is a part of, when all is well.
const PortConfig* read_parent(const Table& table, PortConfig& port, const std::vector<PortConfig>& others) {
  constexpr std::string_view kAllowedParent = "the name of an earlier port with a device";
  if (const auto item = table.find("device")) {
    item->fail("is there beside parent or vlan", "a device, or the parent and vlan of a sub-port");
    return nullptr;
  }
  const auto parent = table.require("parent", kAllowedParent);
  const auto vlan = table.require("vlan", "the VLAN of the sub-port: 1 to 4094");
  if (!parent || !vlan) return nullptr;
  const auto name = parent->string(kAllowedParent);
  if (!name) return nullptr;
  const auto found = std::find_if(others.begin(), others.end(),
                                  [&name](const PortConfig& other) { return other.name == *name && other.vlan == 0; });
  if (found == others.end()) {
    parent->fail("is no earlier port with a device", kAllowedParent);
    return nullptr;
  }
  port.parent = found->name;
  port.device_kind = found->device_kind;
  port.device = found->device;
  port.vlan = static_cast<uint16_t>(vlan->integer(1, 4094).value_or(0));
  for (const PortConfig& other : others) {
    if (port.vlan == 0 || other.vlan != port.vlan || other.parent != port.parent) continue;
    vlan->fail(fmt::format("is the VLAN of port {} too", quoted(other.name)), "a VLAN of a parent only once");
  }
  return &*found;
}

void read_mtu(const Table& table, PortConfig& port, const PortConfig* parent) {
  constexpr int64_t kIpv4Least = 68;    // RFC 791
  constexpr int64_t kIpv6Least = 1280;  // RFC 8200, 5
  const bool ipv6 = std::any_of(port.addresses.begin(), port.addresses.end(),
                                [](const InterfaceAddress& own) { return !own.address.is_v4(); });
  const int64_t most = parent != nullptr ? parent->mtu : 9000;
  if (parent != nullptr) port.mtu = parent->mtu;
  const auto item = table.find("mtu");
  if (!item) {
    if (ipv6 && port.mtu < kIpv6Least) {
      table.find("parent")->fail("has too small an mtu for an IPv6 address", "a parent with an mtu of at least 1280");
    }
    return;
  }
  const auto mtu = item->integer(kIpv4Least, most);
  if (mtu && ipv6 && *mtu < kIpv6Least) {
    item->fail("is too small for the port's IPv6 address", fmt::format("1280 to {}", most));
  }
  port.mtu = static_cast<uint16_t>(mtu.value_or(port.mtu));
}

PortConfig read_port(const Table& table, const std::vector<PortConfig>& others) {
  PortConfig port;
  if (const auto item = table.require("name", "a name for the port, such as \"node1\"")) {
    port.name = read_port_name(*item).value_or("");
    for (const PortConfig& other : others) {
      if (other.name == port.name) item->fail("names an earlier port too", "a name only once");
    }
  }
  const PortConfig* parent = nullptr;
  if (table.find("parent") || table.find("vlan")) {
    parent = read_parent(table, port, others);
  } else {
    read_own_device(table, port, others);
  }
  if (const auto item = table.find("address")) {
    const std::vector<Item> list = item->list_or_one();
    if (list.empty()) item->fail("is empty", kAllowedAddresses);
    for (const Item& element : list) {
      const auto address = read_interface_address(element);
      if (!address) continue;
      check_address(element, *address, port, others);
      port.addresses.push_back(*address);
    }
  }
  read_mtu(table, port, parent);
  return port;
}

}  // namespace

void read_ports(const Item& root, std::vector<PortConfig>& out) {
  const std::vector<Table> tables = repeated_tables(root, schema::kPort);
  for (const Table& table : tables) out.push_back(read_port(table, out));
  std::set<std::string_view> parents;
  for (const PortConfig& port : out) parents.insert(port.parent);
  for (size_t i = 0; i < out.size(); ++i) {
    if (out[i].addresses.empty() && !parents.contains(out[i].name)) {
      (void)tables[i].require("address", kAllowedAddresses);
    }
  }
  if (out.empty()) root.problems().report(0, "port", "", "is missing: no [[port]]; allowed: one [[port]] or more");
}

}  // namespace ecmpd::control
