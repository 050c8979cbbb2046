#include "control/host/neighbors.h"

#include <linux/neighbour.h>

#include <utility>

#include "control/log.h"

namespace ecmpd::control {

namespace {
// Not NUD_NOARP: on a twin that is a broadcast or multicast address.
constexpr uint16_t kValid = NUD_PERMANENT | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY;
constexpr uint16_t kBeingAsked = NUD_PROBE | NUD_INCOMPLETE;

IpAddress on_link(const IpAddress& address, PortIndex port) {
  return address.is_link_local() ? address.with_zone(zone_of_port(raw(port))) : address;
}
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
  if (address.is_link_local()) {
    const uint16_t zone = address.zone();
    return zone != 0 && zone <= ports_.size() ? std::optional(PortIndex{static_cast<uint16_t>(port_of_zone(zone))})
                                              : std::nullopt;
  }
  for (size_t i = 0; i < ports_.size(); ++i) {
    for (const InterfaceAddress& own : ports_[i].addresses) {
      if (own.subnet().contains(address)) return PortIndex{static_cast<uint16_t>(i)};
    }
  }
  return std::nullopt;
}

/// A probe would turn the kernel's permanent entry into an ordinary one; where nothing can be asked it has to go, or it
/// would count as an answer when the link is back.
void Neighbors::forget(const IpAddress& address, PortIndex port) {
  const NetlinkResult gone = netlink_.forget(ports_[raw(port)].interface, address.without_zone());
  if (!gone) log::warn("neighbor", "{}", gone.error());
}

void Neighbors::add_static(const IpAddress& address, PortIndex port, const MacAddress& mac) {
  entries_[address] = {.port = port, .mac = mac, .kernel_state = NUD_PERMANENT, .is_static = true};
  // The kernel's own packets to it need no answer either.
  const NetlinkResult known = netlink_.add_permanent(ports_[raw(port)].interface, address.without_zone(), mac);
  if (!known) log::warn("neighbor", "{}", known.error());
  if (!without_link_.contains(port)) listener_.neighbor_up(address, port, mac);
}

void Neighbors::remove_static(const IpAddress& address) {
  const auto found = entries_.find(address);
  if (found == entries_.end() || !found->second.is_static) return;
  Entry& entry = found->second;
  entry.is_static = false;
  entry.kernel_state = 0;
  if (without_link_.contains(entry.port)) {
    entry.mac.reset();  // it is down already
    forget(address, entry.port);
    return;
  }
  ask(address, entry.port);
}

void Neighbors::watch(const IpAddress& nexthop, bool in_use) {
  if (!in_use) {
    watched_.erase(nexthop);
    return;
  }
  watched_.try_emplace(nexthop, ticks_);
  if (const auto port = port_of_address(nexthop); port && !entries_.contains(nexthop)) ask(nexthop, *port);
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
  // A probe is refused when the kernel has forgotten the host: ask from the start, then the answer comes as an event.
  if (entry.mac && netlink_.probe(interface, address.without_zone())) return;
  const NetlinkResult outcome = netlink_.resolve(interface, address.without_zone());
  // The kernel's table may be full, and a scan of a subnet may ask a thousand times a second.
  if (!outcome && !std::exchange(failure_logged_, true)) log::warn("neighbor", "{}", outcome.error());
}

void Neighbors::tick() {
  ++ticks_;
  failure_logged_ = false;
  std::vector<IpAddress> given_up;
  for (const auto& [address, since] : watched_) {
    if (const auto port = port_of_address(address)) ask(address, *port);
    const auto entry = entries_.find(address);
    const bool up = entry != entries_.end() && entry->second.mac && !without_link_.contains(entry->second.port);
    if (ticks_ - since == kGiveUpSeconds && !up) given_up.push_back(address);
  }
  for (const IpAddress& address : given_up) listener_.neighbor_down(address);
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
  if (netlink_.read_events([this](const KernelNeighbor& neighbor) { handle(neighbor); })) return;
  log::warn("neighbor", "neighbor events were lost; reading the kernel's table again");
  read_table();
}

/// The kernel's entries as they are now; a host without one is gone.
void Neighbors::read_table() {
  std::set<IpAddress> seen;
  const NetlinkResult outcome = netlink_.dump([this, &seen](const KernelNeighbor& neighbor) {
    if (const auto port = port_of_interface(neighbor.interface)) seen.insert(on_link(neighbor.address, *port));
    handle(neighbor);
  });
  if (!outcome) {
    log::error("neighbor", "{}", outcome.error());
    return;
  }
  for (auto& [address, entry] : entries_) {
    if (seen.contains(address) || entry.is_static) continue;
    const unsigned interface = ports_[raw(entry.port)].interface;
    handle({.interface = interface, .address = address.without_zone(), .state = 0, .mac = {}});
  }
}

void Neighbors::handle(const KernelNeighbor& neighbor) {
  const auto port = port_of_interface(neighbor.interface);
  if (!port) return;
  if (neighbor.address.zone() != 0) return;  // a malformed link-local address: RFC 4291 section 2.5.6 has zeros there
  const IpAddress address = on_link(neighbor.address, *port);
  const bool valid = (neighbor.state & kValid) != 0 && neighbor.mac;
  auto found = entries_.find(address);
  if (found == entries_.end()) {
    if (!valid || !port_of_address(address)) return;
    found = entries_.try_emplace(address, Entry{.port = *port, .mac = {}, .kernel_state = 0, .is_static = false}).first;
  }
  Entry& entry = found->second;
  if (entry.is_static || entry.port != *port || without_link_.contains(*port)) return;
  entry.kernel_state = neighbor.state;
  if (valid) {
    if (entry.mac == neighbor.mac) return;
    entry.mac = neighbor.mac;
    listener_.neighbor_up(address, entry.port, *entry.mac);
  } else if ((entry.mac && (neighbor.state & NUD_INCOMPLETE) == 0) || (neighbor.state & NUD_FAILED)) {
    entry.mac.reset();
    listener_.neighbor_down(address);
  }
}

void Neighbors::set_link(PortIndex port, bool up) {
  if (up) {
    if (without_link_.erase(port) == 0) return;
    for (const auto& [address, entry] : entries_) {
      if (entry.port == port && entry.is_static) listener_.neighbor_up(address, port, *entry.mac);
    }
    read_table();
    for (const auto& [address, since] : watched_) {
      const auto found = entries_.find(address);
      const bool known = found != entries_.end() && found->second.mac;
      if (!known && port_of_address(address) == port) ask(address, port);
    }
    return;
  }
  if (!without_link_.insert(port).second) return;
  for (auto& [address, entry] : entries_) {
    if (entry.port != port) continue;
    const bool was_up = entry.mac.has_value();
    if (!entry.is_static) {
      entry.mac.reset();
      entry.kernel_state = 0;  // its events are not read from now on
    }
    if (was_up) listener_.neighbor_down(address);
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
