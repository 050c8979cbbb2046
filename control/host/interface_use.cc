#include "control/host/interface_use.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string_view>
#include <vector>

#include "hash/address.h"

namespace ecmpd::control {

namespace {

using hash::IpAddress;

std::vector<std::vector<std::string>> words_of(const char* file) {
  std::vector<std::vector<std::string>> out;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    auto& row = out.emplace_back();
    for (std::string word; words >> word;) row.push_back(word);
  }
  return out;
}

/// Whether a route goes by the interface: nothing if none does, true for a default route.
std::optional<bool> route4(const std::string& interface) {
  std::optional<bool> out;
  // Iface Destination Gateway Flags RefCnt Use Metric Mask ...
  for (const auto& row : words_of("/proc/net/route")) {
    if (row.size() < 8 || row[0] != interface) continue;
    out = out.value_or(false) || (row[1] == "00000000" && row[7] == "00000000");
  }
  return out;
}

std::optional<bool> route6(const std::string& interface) {
  std::optional<bool> out;
  // destination length source length nexthop metric refs use flags device
  for (const auto& row : words_of("/proc/net/ipv6_route")) {
    if (row.size() < 10 || row[9] != interface) continue;
    if (row[0].starts_with("fe8") || row[0].starts_with("ff")) continue;
    if (std::strtoul(row[8].c_str(), nullptr, 16) & RTF_REJECT) continue;  // on lo, where the kernel has no route
    out = out.value_or(false) || row[1] == "00";
  }
  return out;
}

std::optional<IpAddress> address_of(const std::string& interface) {
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return std::nullopt;
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> end(all, freeifaddrs);
  for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    if (interface != one->ifa_name || one->ifa_addr == nullptr) continue;
    if (one->ifa_addr->sa_family == AF_INET) {
      return IpAddress::v4(ntohl(reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr.s_addr));
    }
    if (one->ifa_addr->sa_family != AF_INET6) continue;
    const auto address = IpAddress::v6(reinterpret_cast<const sockaddr_in6*>(one->ifa_addr)->sin6_addr.s6_addr);
    if (address.without_zone().bytes()[0] != 0xfe) return address;  // fe80::/10: every interface has one
  }
  return std::nullopt;
}

bool carries_default_route(const std::string& interface) {
  return route4(interface).value_or(false) || route6(interface).value_or(false);
}

/// A bridge or bond that it belongs to, or a VLAN, macvlan, ... of it: what that is used for counts no less. Sysfs may
/// show another network namespace's interfaces, then it says nothing.
std::string why_by_others(const std::string& interface, unsigned index) {
  const std::filesystem::path folder = "/sys/class/net/" + interface;
  unsigned shown = 0;
  if (!(std::ifstream(folder / "ifindex") >> shown) || shown != index) return "";
  std::error_code ignored;
  const auto master = std::filesystem::read_symlink(folder / "master", ignored);
  if (!master.empty()) return "belongs to " + master.filename().string();
  constexpr std::string_view kUpper = "upper_";
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(kUpper)) return "carries the interface " + name.substr(kUpper.size());
  }
  return "";
}

}  // namespace

std::string why_in_use(const std::string& interface, unsigned index) {
  if (index == 0 || if_nametoindex(interface.c_str()) != index) return "is in another network namespace";
  if (carries_default_route(interface)) return "carries the default route";
  if (const auto address = address_of(interface)) return "has the address " + address->to_string();
  if (route4(interface) || route6(interface)) return "has routes";
  return why_by_others(interface, index);
}

std::string why_not_a_port(const std::string& interface) {
  if (carries_default_route(interface)) return "carries the default route";
  return why_by_others(interface, if_nametoindex(interface.c_str()));
}

std::string address_on(const std::string& interface) {
  const auto address = address_of(interface);
  return address ? address->to_string() : "";
}

}  // namespace ecmpd::control
