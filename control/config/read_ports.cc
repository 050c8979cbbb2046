// [[port]] (declared in sections.h).
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "control/config/sections.h"
#include "control/config/values.h"

namespace ecmpd::control {
namespace {

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

PortConfig read_port(const Table& table, const std::vector<PortConfig>& others) {
  PortConfig port;
  if (const auto item = table.require("name", "a name for the port, such as \"node1\"")) {
    port.name = read_port_name(*item).value_or("");
    for (const PortConfig& other : others) {
      if (other.name == port.name) item->fail("names an earlier port too", "a name only once");
    }
  }
  if (const auto item = table.require("device", "a device such as \"af_packet:eth1\" or \"0000:3b:00.0\"")) {
    if (auto device = read_device(*item)) {
      std::tie(port.device_kind, port.device) = *device;
      for (const PortConfig& other : others) {
        if (identity(other) != identity(port)) continue;
        item->fail(fmt::format("is the {} of port {} too", identity(port), quoted(other.name)), "a device only once");
      }
    }
  }
  if (const auto item = table.require("address", "one address such as \"10.0.1.1/24\" or a list of them")) {
    const std::vector<Item> list = item->list_or_one();
    if (list.empty()) item->fail("is empty", "one address such as \"10.0.1.1/24\" or a list of them");
    for (const Item& element : list) {
      const auto address = read_interface_address(element);
      if (!address) continue;
      check_address(element, *address, port, others);
      port.addresses.push_back(*address);
    }
  }
  if (const auto item = table.find("mtu")) {
    constexpr int64_t kIpv4Least = 68;    // RFC 791
    constexpr int64_t kIpv6Least = 1280;  // RFC 8200, 5
    const auto mtu = item->integer(kIpv4Least, 9000);
    const bool ipv6 = std::any_of(port.addresses.begin(), port.addresses.end(),
                                  [](const InterfaceAddress& own) { return !own.address.is_v4(); });
    if (mtu && ipv6 && *mtu < kIpv6Least) item->fail("is too small for the port's IPv6 address", "1280 to 9000");
    port.mtu = static_cast<uint16_t>(mtu.value_or(port.mtu));
  }
  return port;
}

}  // namespace

void read_ports(const Item& root, std::vector<PortConfig>& out) {
  for (const Table& table : repeated_tables(root, schema::kPort)) out.push_back(read_port(table, out));
  if (out.empty()) root.problems().report(0, "port", "", "is missing: no [[port]]; allowed: one [[port]] or more");
}

}  // namespace ecmpd::control
