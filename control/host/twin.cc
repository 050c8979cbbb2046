#include "control/host/twin.h"

#include <algorithm>

#include "control/host/sysctl.h"

namespace ecmpd::control {

namespace {

constexpr size_t kLongestName = 15;

void set_ipv6_behaviour(const std::string& name, bool enabled) {
  const std::string ipv6 = "net/ipv6/conf/" + name + "/";
  write_sysctl(ipv6 + "forwarding", "0");
  write_sysctl(ipv6 + "accept_ra", "0");
  write_sysctl(ipv6 + "accept_redirects", "0");
  // The link-local address is that of the MAC, which the data plane takes for ours too, and is there at once: nobody
  // waits for the detection of duplicates of an address that the port's MAC makes unique.
  write_sysctl(ipv6 + "addr_gen_mode", "0");
  write_sysctl(ipv6 + "accept_dad", "0");
  write_sysctl(ipv6 + "dad_transmits", "0");
  write_sysctl(ipv6 + "disable_ipv6", enabled ? "0" : "1");
}

void set_kernel_behaviour(const std::string& name, bool with_ipv6) {
  const std::string ipv4 = "net/ipv4/conf/" + name + "/";
  write_sysctl(ipv4 + "forwarding", "0");
  write_sysctl(ipv4 + "rp_filter", "0");     // what the data plane punts is meant for the router, whatever the way back
  write_sysctl(ipv4 + "arp_ignore", "1");    // answer only for this twin's own addresses
  write_sysctl(ipv4 + "arp_announce", "2");  // and ask only with them
  set_ipv6_behaviour(name, with_ipv6);
  // A neighbor that is probed and silent fails within 4 x 0.5 s: see Neighbors.
  for (const char* family : {"ipv4", "ipv6"}) {
    const std::string neighbor = std::string("net/") + family + "/neigh/" + name + "/";
    write_sysctl(neighbor + "ucast_solicit", "4");
    write_sysctl(neighbor + "retrans_time_ms", "500");
    write_sysctl(neighbor + "locktime", "0");  // follow a changed MAC address at once
  }
}

}  // namespace

std::string twin_name(const std::string& port_name, unsigned index) {
  const std::string name = "t-" + port_name;
  if (name.size() <= kLongestName) return name;
  const std::string suffix = "-" + std::to_string(index);
  return name.substr(0, kLongestName - suffix.size()) + suffix;
}

tl::expected<std::unique_ptr<Tap>, std::string> create_twin(Netlink& netlink, const PortConfig& port, unsigned index,
                                                            const MacAddress& mac) {
  auto tap = Tap::open(twin_name(port.name, index));
  if (!tap) return tl::unexpected("port " + port.name + ": " + tap.error());
  const unsigned interface = (*tap)->interface();
  const bool with_ipv6 = std::any_of(port.addresses.begin(), port.addresses.end(),
                                     [](const InterfaceAddress& address) { return !address.address.is_v4(); });
  set_kernel_behaviour((*tap)->name(), with_ipv6);
  NetlinkResult outcome = netlink.set_link(interface, mac, port.mtu);
  if (outcome) outcome = netlink.set_up(interface);
  for (const InterfaceAddress& address : port.addresses) {
    if (outcome) outcome = netlink.add_address(interface, address);
  }
  if (!outcome) return tl::unexpected("port " + port.name + ": " + outcome.error());
  return tap;
}

}  // namespace ecmpd::control
