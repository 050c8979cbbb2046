#include "control/host/interface_use.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

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

}  // namespace

std::string why_in_use(const std::string& interface, unsigned index) {
  if (index == 0 || if_nametoindex(interface.c_str()) != index) return "is in another network namespace";
  const auto v4 = route4(interface);
  const auto v6 = route6(interface);
  if (v4.value_or(false) || v6.value_or(false)) return "carries the default route";
  if (const auto address = address_of(interface)) return "has the address " + address->to_string();
  if (v4 || v6) return "has routes";
  const std::filesystem::path folder = "/sys/class/net/" + interface;
  std::error_code ignored;
  const auto master = std::filesystem::read_symlink(folder / "master", ignored);
  if (!master.empty()) return "belongs to " + master.filename().string();
  // A VLAN, macvlan, ... of it: what that is used for counts no less.
  constexpr std::string_view kUpper = "upper_";
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(kUpper)) return "carries the interface " + name.substr(kUpper.size());
  }
  return "";
}

}  // namespace ecmpd::control
