#include "control/daemon/host_side.h"

#include <fmt/format.h>
#include <net/if.h>
#include <rte_ether.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "control/host/twin.h"
#include "control/log.h"
#include "control/zone_names.h"
#include "dataplane/rewrite.h"

namespace ecmpd::control {

using dataplane::Adjacency;
using dataplane::AdjacencyId;
using dataplane::AdjacencyKind;

namespace {
// The kernel holds link events back for up to a second when there are many, and some devices have none: links are
// looked at this often in any case.
constexpr std::chrono::milliseconds kLinkLook{50};

Prefix host_route(const IpAddress& address) { return {address, address.bits()}; }

/// Where the packet goes; it has been parsed.
IpAddress destination_of(const uint8_t* ip) {
  constexpr unsigned kIpv4At = 16;
  constexpr unsigned kIpv6At = 24;
  if (ip[0] >> 4 == 6) return IpAddress::v6(ip + kIpv6At);
  const uint8_t* at = ip + kIpv4At;
  return IpAddress::v4(uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 | at[3]);
}

MacAddress mac_of(const dataplane::PortFacts& facts) {
  MacAddress mac;
  std::memcpy(mac.bytes.data(), facts.mac.addr_bytes, mac.bytes.size());
  return mac;
}

/// Where the router's ICMP errors come from.
dataplane::PortAddresses port_addresses(const Config& config) {
  std::vector<dataplane::PortAddresses::OfPort> out;
  for (const PortConfig& port : config.ports) {
    dataplane::PortAddresses::OfPort& own = out.emplace_back();
    for (const InterfaceAddress& address : port.addresses) {
      const uint8_t* bytes = address.address.bytes();
      if (address.address.is_v4()) {
        const uint32_t mask = address.prefix_length == 0 ? 0 : ~uint32_t{0} << (32 - address.prefix_length);
        own.v4.push_back({address.address.v4_value(), mask});
      } else if (!address.address.is_link_local()) {  // a link-local address means nothing further away
        auto& v6 =
            own.v6.emplace_back(dataplane::PortAddresses::V6{.address = {}, .prefix_length = address.prefix_length});
        std::memcpy(v6.address.data(), bytes, v6.address.size());
      }
    }
  }
  return dataplane::PortAddresses(std::move(out));
}

PuntPath::OwnAddresses own_addresses(const Config& config) {
  PuntPath::OwnAddresses out;
  for (size_t i = 0; i < config.ports.size(); ++i) {
    for (const InterfaceAddress& own : config.ports[i].addresses) {
      out.emplace(own.address, static_cast<uint16_t>(i));
    }
  }
  return out;
}
}  // namespace

tl::expected<std::unique_ptr<HostSide>, std::string> HostSide::create(const Config& config, Reactor& reactor,
                                                                      Machine& machine, RouteInstaller& installer) {
  std::unique_ptr<HostSide> side(new HostSide(machine, installer));
  if (auto opened = side->open(config, reactor); !opened) return tl::unexpected(opened.error());
  return side;
}

HostSide::HostSide(Machine& machine, RouteInstaller& installer)
    : machine_(machine),
      installer_(installer),
      holding_([this](rte_mbuf* packet) { punt_path_->give_up(packet, dataplane::DropReason::kUnresolved); }) {}

HostSide::~HostSide() { handles_.clear(); }

tl::expected<void, std::string> HostSide::open(const Config& config, Reactor& reactor) {
  auto netlink = Netlink::open();
  if (!netlink) return tl::unexpected(netlink.error());
  netlink_ = std::move(*netlink);
  auto link_watch = LinkWatch::open();
  if (!link_watch) return tl::unexpected(link_watch.error());
  link_watch_ = std::move(*link_watch);

  std::vector<Neighbors::PortSubnets> subnets;
  std::vector<Tap*> taps;
  for (size_t i = 0; i < config.ports.size(); ++i) {
    const PortConfig& port = config.ports[i];
    mtu_.push_back(port.mtu);
    interfaces_.push_back(InterfaceLoss::kNone);
    auto twin = create_twin(*netlink_, port, static_cast<unsigned>(i), mac_of(machine_.ports()[i]->facts()));
    if (!twin) return tl::unexpected(twin.error());
    subnets.push_back({(*twin)->interface(), port.addresses});
    taps.push_back(twin->get());
    twins_.push_back(std::move(*twin));
  }
  auto own_routes = OwnRoutes::create(*netlink_, config.ports);
  if (!own_routes) return tl::unexpected(own_routes.error());
  own_routes_ = std::move(*own_routes);
  neighbors_ = std::make_unique<Neighbors>(*netlink_, std::move(subnets), *this);
  punt_path_ =
      std::make_unique<PuntPath>(reactor, machine_.punts(), machine_.mempool(), std::move(taps), &own_routes_->tun(),
                                 own_addresses(config), [this](rte_mbuf* packet) { on_glean(packet); });
  install_addresses(config);
  for (const NeighborEntryConfig& entry : config.neighbor_entries) add_static(config, entry);
  for (const auto& port : machine_.ports()) {
    if (!port->facts().link_up.load()) neighbors_->set_link(port->facts().index, false);
  }
  installer_.on_nexthop_in_use([this](const IpAddress& address, bool in_use) { neighbors_->watch(address, in_use); });
  handles_.push_back(reactor.on_readable(netlink_->event_fd(), [this] { neighbors_->read_events(); }));
  handles_.push_back(reactor.on_readable(link_watch_->event_fd(), [this] {
    link_watch_->acknowledge();
    refresh_links();
  }));
  handles_.push_back(reactor.on_readable(machine_.link_events().fd(), [this] {
    machine_.link_events().acknowledge();
    refresh_links();
  }));
  handles_.push_back(reactor.every(kLinkLook, [this] { refresh_links(); }));
  handles_.push_back(reactor.every(std::chrono::seconds(1), [this] { on_second(); }));
  return {};
}

void HostSide::add_static(const Config& config, const NeighborEntryConfig& entry) {
  for (size_t i = 0; i < config.ports.size(); ++i) {
    if (config.ports[i].name != entry.port) continue;
    neighbors_->add_static(entry.address, PortIndex{static_cast<uint16_t>(i)}, entry.mac);
  }
}

void HostSide::set_neighbor_entries(const Config& running, const std::vector<NeighborEntryConfig>& wanted) {
  const auto has = [](const std::vector<NeighborEntryConfig>& entries, auto same) {
    return std::any_of(entries.begin(), entries.end(), same);
  };
  for (const NeighborEntryConfig& old : running.neighbor_entries) {
    const bool stays = has(wanted, [&](const auto& entry) { return entry.address == old.address; });
    if (!stays) neighbors_->remove_static(old.address);
  }
  for (const NeighborEntryConfig& entry : wanted) {
    if (!has(running.neighbor_entries, [&](const auto& old) { return old == entry; })) add_static(running, entry);
  }
}

void HostSide::install_addresses(const Config& config) {
  dataplane::Publisher& publisher = machine_.publisher();
  publisher.set_port_addresses(port_addresses(config));
  const AdjacencyId broadcast =
      publisher.add_adjacency({.kind = AdjacencyKind::kDrop, .reason = dataplane::DropReason::kIpv4Broadcast});
  for (size_t i = 0; i < config.ports.size(); ++i) {
    const AdjacencyId glean = publisher.add_adjacency(
        {.kind = AdjacencyKind::kGlean, .port = PortIndex{static_cast<uint16_t>(i)}, .mtu = mtu_[i]});
    for (const InterfaceAddress& own : config.ports[i].addresses) {
      if (own.address.is_link_local()) continue;  // parse knows them: they differ from link to link
      installer_.set_direct_route(own.subnet(), glean);
      if (!own.address.is_v4()) {
        // RFC 4291 section 2.6.1: the subnet's lowest address is that of its routers; RFC 6164: not in a /127.
        if (own.prefix_length < 127) {
          installer_.set_direct_route(host_route(own.subnet().address()), dataplane::kLocalAdjacency);
        }
      } else if (own.prefix_length <=
                 30) {  // RFC 1812 section 5.3.5: the subnet's broadcast addresses, RFC 3021 for /31
        const uint32_t network = own.subnet().address().v4_value();
        const uint32_t last = network | (0xffffffffu >> own.prefix_length);
        for (const uint32_t address : {network, last}) {
          installer_.set_direct_route(Prefix(IpAddress::v4(address), 32), broadcast);
        }
      }
      installer_.set_direct_route(host_route(own.address), dataplane::kLocalAdjacency);
    }
  }
}

void HostSide::neighbor_up(const IpAddress& address, PortIndex port, const MacAddress& mac) {
  Adjacency adjacency{.kind = AdjacencyKind::kForward, .port = port, .mtu = mtu_[raw(port)]};
  adjacency.destination_mac = mac.bytes;
  adjacency.source_mac = mac_of(machine_.ports()[raw(port)]->facts()).bytes;
  const auto known = hosts_.find(address);
  if (known != hosts_.end()) {
    log::info("neighbor", "{} has another MAC address", zoned_text(address));
    machine_.publisher().replace_adjacency(known->second, adjacency);
    return;
  }
  const AdjacencyId id = machine_.publisher().add_adjacency(adjacency);
  if (id == dataplane::kNoRouteAdjacency) {
    log::error("neighbor", "{} is ignored: there are {} adjacencies already", zoned_text(address),
               dataplane::Publisher::kMaxAdjacencies);
    installer_.nexthop_down(address);
    return;
  }
  hosts_.emplace(address, id);
  if (lost_.erase(address) != 0) log::info("neighbor", "{} is reachable again", zoned_text(address));
  if (!address.is_link_local()) installer_.set_host_route(address, id);
  installer_.nexthop_up(address, id, port);
  send_held(address, id);
}

void HostSide::neighbor_down(const IpAddress& address) {
  installer_.nexthop_down(address);  // the hold at the start waits for this as well
  const auto known = hosts_.find(address);
  if (known == hosts_.end()) return;
  const auto& port = *machine_.ports()[raw(machine_.publisher().adjacency(known->second).port)];
  log::info("neighbor", "{} {}", zoned_text(address),
            port.facts().link_up.load() ? "does not answer any more"
                                        : fmt::format("is unreachable: port {} has no link", port.spec().name));
  if (lost_.size() < dataplane::Publisher::kMaxAdjacencies) lost_.insert(address);
  if (!address.is_link_local()) installer_.remove_host_route(address);
  machine_.publisher().remove_adjacency(known->second);
  hosts_.erase(known);
}

std::optional<IpAddress> HostSide::host_of(AdjacencyId adjacency) const {
  for (const auto& [address, id] : hosts_) {
    if (id == adjacency) return address;
  }
  return std::nullopt;
}

void HostSide::on_glean(rte_mbuf* packet) {
  const IpAddress host = destination_of(rte_pktmbuf_mtod_offset(packet, const uint8_t*, sizeof(rte_ether_hdr)));
  const PortIndex port = dataplane::PuntRing::host_port(packet);
  holding_.hold(host, packet, seconds_);
  if (const auto known = hosts_.find(host); known != hosts_.end()) return send_held(host, known->second);
  neighbors_->resolve(host, port);
}

void HostSide::send_held(const IpAddress& address, AdjacencyId id) {
  const Adjacency& adjacency = machine_.publisher().adjacency(id);
  holding_.release(address, [this, &adjacency](rte_mbuf* packet) {
    auto* ip = rte_pktmbuf_mtod_offset(packet, uint8_t*, sizeof(rte_ether_hdr));
    if (const auto reason = dataplane::forward(packet, ip, adjacency)) return punt_path_->give_up(packet, *reason);
    punt_path_->inject(packet);
  });
}

void HostSide::on_second() {
  ++seconds_;
  holding_.expire(seconds_);
  report_losses();
  neighbors_->tick();
}

void HostSide::refresh_links() {
  for (const auto& port : machine_.ports()) {
    const dataplane::PortFacts& facts = port->facts();
    const bool changed = port->refresh_link();
    report_interface(*port);
    if (!changed) continue;
    const bool up = facts.link_up.load();
    log::info("port", "{}: link {}", port->spec().name, up ? "up" : "down");
    neighbors_->set_link(facts.index, up);
  }
}

/// The port stays down then, and nothing else would say why.
void HostSide::report_interface(const dataplane::Port& port) {
  const dataplane::PortSpec& spec = port.spec();
  if (!port.interface_lost()) return;
  const auto loss = if_nametoindex(spec.device.c_str()) == 0 ? InterfaceLoss::kGone : InterfaceLoss::kAnother;
  if (std::exchange(interfaces_[raw(port.facts().index)], loss) == loss) return;
  if (loss == InterfaceLoss::kGone) {
    log::error("port", "{}: the interface {} is gone", spec.name, spec.device);
  } else {
    log::error("port", "{}: {} was made anew, or has been away: only a restart takes it", spec.name, spec.device);
  }
}

/// Packets between the data plane and the kernel that neither took: they are in nobody's drops, so the log has them.
void HostSide::report_losses() {
  const PuntPathCounters now = punt_path_->counters();
  const uint64_t up = now.kernel_refused - reported_.kernel_refused;
  const uint64_t down = now.inject_failed - reported_.inject_failed;
  reported_ = now;
  if (up != 0) log::warn("port", "the kernel did not take {} packets for the router itself", up);
  if (down != 0) log::warn("port", "{} packets of the router itself were not sent: no room", down);
}

}  // namespace ecmpd::control
