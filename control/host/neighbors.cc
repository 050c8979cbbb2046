#include "control/host/neighbors.h"

#include <linux/neighbour.h>

#include "control/log.h"

namespace ecmpd::control {

namespace {
constexpr uint16_t kValid = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY;
constexpr uint16_t kBeingAsked = NUD_PROBE | NUD_INCOMPLETE;
}  // namespace

Neighbors::Neighbors(Netlink& netlink, std::vector<PortSubnets> ports, NeighborListener& listener)
    : netlink_(netlink), ports_(std::move(ports)), listener_(listener) {}

std::optional<PortIndex> Neighbors::port_of_interface(unsigned interface) const {
  for (size_t i = 0; i < ports_.size(); ++i) {
    if (ports_[i].interface == interface) return PortIndex{static_cast<uint16_t>(i)};
  }
  return std::nullopt;
}

std::optional<PortIndex> Neighbors::port_of_address(const IpAddress& address) const {
  for (size_t i = 0; i < ports_.size(); ++i) {
    for (const InterfaceAddress& own : ports_[i].addresses) {
      if (own.subnet().contains(address)) return PortIndex{static_cast<uint16_t>(i)};
    }
  }
  return std::nullopt;
}

void Neighbors::add_static(const IpAddress& address, PortIndex port, const MacAddress& mac) {
  entries_[address] = {.port = port, .mac = mac, .kernel_state = NUD_PERMANENT, .is_static = true};
  listener_.neighbor_up(address, port, mac);
}

void Neighbors::watch(const std::set<IpAddress>& nexthops) {
  for (const IpAddress& address : nexthops) {
    if (watched_.contains(address)) continue;
    if (const auto port = port_of_address(address); port && !entries_.contains(address)) ask(address, *port);
  }
  watched_ = nexthops;
}

void Neighbors::resolve(const IpAddress& address, PortIndex port) {
  const auto entry = entries_.find(address);
  if (entry != entries_.end() && (entry->second.mac || (entry->second.kernel_state & NUD_INCOMPLETE))) return;
  ask(address, port);
}

void Neighbors::ask(const IpAddress& address, PortIndex port) {
  Entry& entry = entries_.try_emplace(address, Entry{.port = port, .mac = {}, .kernel_state = 0, .is_static = false})
                     .first->second;
  if (entry.is_static || (entry.kernel_state & kBeingAsked) || without_link_.contains(entry.port)) return;
  const unsigned interface = ports_[raw(entry.port)].interface;
  const NetlinkResult outcome = entry.mac ? netlink_.probe(interface, address) : netlink_.resolve(interface, address);
  if (!outcome) log::warn("neighbor", "{}", outcome.error());
}

void Neighbors::tick() {
  ++ticks_;
  for (const IpAddress& address : watched_) {
    if (const auto port = port_of_address(address)) ask(address, *port);
  }
  if (ticks_ % kHostProbeSeconds != 0) return;
  std::vector<std::pair<IpAddress, PortIndex>> hosts;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const bool idle = !entry->second.is_static && !entry->second.mac && !watched_.contains(entry->first);
    if (entry->second.mac && !watched_.contains(entry->first)) hosts.emplace_back(entry->first, entry->second.port);
    entry = idle ? entries_.erase(entry) : std::next(entry);
  }
  for (const auto& [address, port] : hosts) ask(address, port);
}

void Neighbors::read_events() {
  const auto callback = [this](const KernelNeighbor& neighbor) { handle(neighbor); };
  if (netlink_.read_events(callback)) return;
  log::warn("neighbor", "neighbor events were lost; reading the kernel's table again");
  if (const NetlinkResult outcome = netlink_.dump(callback); !outcome) log::error("neighbor", "{}", outcome.error());
}

void Neighbors::handle(const KernelNeighbor& neighbor) {
  const auto port = port_of_interface(neighbor.interface);
  if (!port) return;
  const bool valid = (neighbor.state & kValid) != 0 && neighbor.mac;
  auto found = entries_.find(neighbor.address);
  if (found == entries_.end()) {
    if (!valid || !port_of_address(neighbor.address)) return;
    found =
        entries_.try_emplace(neighbor.address, Entry{.port = *port, .mac = {}, .kernel_state = 0, .is_static = false})
            .first;
  }
  Entry& entry = found->second;
  if (entry.is_static || entry.port != *port || without_link_.contains(*port)) return;
  const bool failed = neighbor.state == NUD_FAILED && entry.kernel_state != NUD_FAILED;
  entry.kernel_state = neighbor.state;
  if (valid) {
    if (entry.mac == neighbor.mac) return;
    entry.mac = neighbor.mac;
    listener_.neighbor_up(neighbor.address, entry.port, *entry.mac);
  } else if (failed || (entry.mac && (neighbor.state & NUD_INCOMPLETE) == 0)) {
    entry.mac.reset();
    listener_.neighbor_down(neighbor.address);
  }
}

void Neighbors::set_link(PortIndex port, bool up) {
  if (up) {
    without_link_.erase(port);
    if (const NetlinkResult outcome = netlink_.dump([this](const KernelNeighbor& neighbor) { handle(neighbor); });
        !outcome) {
      log::error("neighbor", "{}", outcome.error());
    }
    return;
  }
  without_link_.insert(port);
  for (auto& [address, entry] : entries_) {
    if (entry.port != port || !entry.mac || entry.is_static) continue;
    entry.mac.reset();
    entry.kernel_state = 0;
    listener_.neighbor_down(address);
  }
}

std::vector<NeighborStatus> Neighbors::status() const {
  std::vector<NeighborStatus> out;
  for (const auto& [address, entry] : entries_) {
    out.push_back({address, entry.port, entry.mac, entry.is_static, watched_.contains(address)});
  }
  return out;
}

}  // namespace ecmpd::control
