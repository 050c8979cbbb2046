#include "control/config/topology.h"

#include <fmt/format.h>

namespace ecmpd::control {

bool is_own_address(const std::vector<PortConfig>& ports, const IpAddress& address) {
  for (const PortConfig& port : ports) {
    for (const InterfaceAddress& own : port.addresses) {
      if (own.address == address) return true;
    }
  }
  return false;
}

Attachment attachment_of(const std::vector<PortConfig>& ports, const IpAddress& address) {
  Attachment found;
  for (const PortConfig& port : ports) {
    for (const InterfaceAddress& own : port.addresses) {
      const Prefix subnet = own.subnet();
      if (!subnet.contains(address)) continue;
      // Subnets of one port may lie within each other; the longest counts, as in the FIB.
      if (found.port == nullptr || subnet.length() > found.subnet.length()) found = {&port, subnet};
    }
  }
  return found;
}

std::string list_subnets(const std::vector<PortConfig>& ports, hash::Family family) {
  constexpr unsigned kShown = 8;
  std::string out;
  unsigned count = 0;
  for (const PortConfig& port : ports) {
    for (const InterfaceAddress& own : port.addresses) {
      if (own.address.family() != family || ++count > kShown) continue;
      out += fmt::format("{}{} ({})", out.empty() ? "" : ", ", own.subnet().to_string(), port.name);
    }
  }
  if (count == 0) return family == hash::Family::kIpv4 ? "no port has an IPv4 address" : "no port has an IPv6 address";
  if (count > kShown) out += fmt::format(" and {} more", count - kShown);
  return out;
}

}  // namespace ecmpd::control
