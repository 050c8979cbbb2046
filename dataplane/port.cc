#include "dataplane/port.h"

#include <net/if.h>
#include <rte_ethdev.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <utility>

#include "dataplane/offloads.h"
#include "dataplane/port_interface.h"
#include "dataplane/vlan.h"
#include "dataplane/xdp_mode.h"

namespace ecmpd::dataplane {

namespace {
constexpr uint16_t kDescriptors = 1024;

PortError failed(const PortSpec& spec, const char* what, int error) {
  return {"port " + spec.name + ": " + what + ": " + rte_strerror(error < 0 ? -error : error)};
}

std::string too_few_queues(const PortSpec& spec, unsigned wanted, unsigned most, const std::string& driver) {
  return "port " + spec.name + ": " + std::to_string(wanted) + " workers need as many queues; " + spec.device + " (" +
         driver + ") has " + std::to_string(most);
}

int set_mtu(const PortSpec& spec, uint16_t id) {
  // net_af_packet says that 1500 is its limit; it is not.
  if (spec.driver != DriverKind::kAfPacket) return rte_eth_dev_set_mtu(id, spec.mtu);
  return set_kernel_mtu(spec.device, spec.mtu);
}

}  // namespace

std::vector<std::array<uint8_t, 16>> own_addresses6(const PortSpec& spec, const rte_ether_addr& mac) {
  std::vector<std::array<uint8_t, 16>> out;
  if (spec.addresses6.empty()) return out;
  const uint8_t* m = mac.addr_bytes;
  out.push_back(
      {0xfe, 0x80, 0, 0, 0, 0, 0, 0, static_cast<uint8_t>(m[0] ^ 2), m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5]});
  for (const hash::IpAddress& address : spec.addresses6) {
    std::copy_n(address.bytes(), out.front().size(), out.emplace_back().begin());
  }
  return out;
}

tl::expected<std::unique_ptr<Port>, PortError> Port::open(const PortSpec& spec, PortIndex index, unsigned queues,
                                                          rte_mempool* mempool, LinkEvents& events) {
  std::unique_ptr<Port> port(new Port);
  port->spec_ = spec;
  port->facts_.index = index;
  const std::string name = device_arguments(spec, index, queues).name;
  uint16_t id = 0;
  if (rte_eth_dev_get_port_by_name(name.c_str(), &id) != 0) {
    return tl::unexpected(
        PortError{"port " + spec.name + ": no device " + spec.device + " (driver " + name + " did not start)"});
  }
  port->facts_.dpdk_port = id;
  port->facts_.mtu = spec.mtu;
  rte_eth_dev_info info;
  if (const int error = rte_eth_dev_info_get(id, &info)) return tl::unexpected(failed(spec, "device info", error));
  if (const unsigned most = std::min(info.max_rx_queues, info.max_tx_queues); queues > most) {
    return tl::unexpected(PortError{too_few_queues(spec, queues, most, info.driver_name), true});
  }
  port->driver_ = info.driver_name;
  port->mtu_before_ = KernelMtu(info.if_index);

  Offloads offloads = choose_offloads(info, spec, queues);
  port->clamps_ = std::move(offloads.clamps);
  port->facts_.takes_segments = (offloads.conf.txmode.offloads & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) != 0;
  port->facts_.inserts_tag = (offloads.conf.txmode.offloads & RTE_ETH_TX_OFFLOAD_VLAN_INSERT) != 0;
  if (spec.trunk) port->vlans_ = std::make_unique<VlanTable>();
  port->facts_.vlans = port->vlans_.get();
  const std::set<int> others = xdp_sockets();
  if (const int error =
          rte_eth_dev_configure(id, static_cast<uint16_t>(queues), static_cast<uint16_t>(queues), &offloads.conf)) {
    return tl::unexpected(failed(spec, "configure", error));
  }
  uint16_t rx_descriptors = kDescriptors;
  uint16_t tx_descriptors = kDescriptors;
  if (const int error = rte_eth_dev_adjust_nb_rx_tx_desc(id, &rx_descriptors, &tx_descriptors)) {
    return tl::unexpected(failed(spec, "descriptors", error));
  }
  for (uint16_t queue = 0; queue < queues; ++queue) {
    int error = rte_eth_rx_queue_setup(id, queue, rx_descriptors, SOCKET_ID_ANY, nullptr, mempool);
    if (error == 0) error = rte_eth_tx_queue_setup(id, queue, tx_descriptors, SOCKET_ID_ANY, nullptr);
    if (error != 0) return tl::unexpected(failed(spec, "queue setup", error));
  }
  // Drivers that cannot change the MTU (net_pcap, net_null) carry any frame that fits an mbuf.
  const int mtu_error = set_mtu(spec, id);
  if (mtu_error != 0 && mtu_error != -ENOTSUP) return tl::unexpected(failed(spec, "MTU", mtu_error));
  if (offloads.conf.intr_conf.lsc) {
    events.watch(id);
    port->events_ = &events;
  }
  // Else the start clears a flag that somebody else has set.
  if (on_kernel_interface(spec) && has_promiscuous_flag(spec.device)) rte_eth_promiscuous_enable(id);
  if (const int error = rte_eth_dev_start(id)) return tl::unexpected(failed(spec, "start", error));
  if (spec.driver == DriverKind::kAfXdp) {
    std::set<int> own = xdp_sockets();
    for (const int fd : others) own.erase(fd);
    if (!zero_copy(own))
      port->clamps_.emplace_back("no zero-copy: the interface's driver has none, packets are copied");
  }
  if (!on_kernel_interface(spec)) {
    rte_eth_promiscuous_enable(id);
  } else if (port->promiscuous_ = Promiscuous::hold(spec.device); !port->promiscuous_) {
    return tl::unexpected(failed(spec, "promiscuous mode", errno));
  }
  rte_eth_macaddr_get(id, &port->facts_.mac);
  // The TAP interface is the other end of this port's wire, and the driver gives both ends one address.
  if (spec.driver == DriverKind::kTap) port->facts_.mac.addr_bytes[5] ^= 1;
  port->facts_.addresses6 = own_addresses6(spec, port->facts_.mac);
  port->refresh_link();
  return port;
}

std::unique_ptr<Port> Port::open_vlan(Port& trunk, const PortSpec& spec, PortIndex index) {
  std::unique_ptr<Port> port(new Port);
  port->owns_device_ = false;
  port->spec_ = spec;
  port->driver_ = trunk.driver_;
  PortFacts& facts = port->facts_;
  facts.index = index;
  facts.dpdk_port = trunk.facts_.dpdk_port;
  facts.mac = trunk.facts_.mac;
  facts.mtu = spec.mtu;
  facts.takes_segments = trunk.facts_.takes_segments;
  facts.inserts_tag = trunk.facts_.inserts_tag;
  facts.vlan = spec.vlan;
  facts.addresses6 = own_addresses6(spec, facts.mac);
  trunk.vlans_->port[spec.vlan] = &facts;
  port->refresh_link();
  return port;
}

Port::Port() = default;

Port::~Port() {
  if (driver_.empty() || !owns_device_) return;
  rte_eth_dev_stop(facts_.dpdk_port);
  if (events_ != nullptr) events_->forget(facts_.dpdk_port);
  rte_eth_dev_close(facts_.dpdk_port);
  mtu_before_.give_back(spec_.mtu);  // last: an XDP program allows no large one
}

bool Port::refresh_link() {
  bool up;
  if (on_kernel_interface(spec_)) {
    const std::string name = interface_name(spec_, facts_.dpdk_port);
    interface_lost_ |= name.empty();
    up = !interface_lost_ && kernel_carrier(name);
  } else if (spec_.driver == DriverKind::kTap) {
    // Nobody here can see an interface that was moved to another network namespace: it counts as up.
    up = if_nametoindex(spec_.device.c_str()) == 0 || kernel_carrier(spec_.device);
  } else {
    rte_eth_link link{};
    if (rte_eth_link_get_nowait(facts_.dpdk_port, &link) != 0) return false;
    up = link.link_status == RTE_ETH_LINK_UP;
  }
  return facts_.link_up.exchange(up) != up;
}

PortStatistics Port::statistics() const {
  rte_eth_stats stats{};
  // What a device missed had no tag yet: it is its trunk's.
  if (!owns_device_ || rte_eth_stats_get(facts_.dpdk_port, &stats) != 0) return {};
  return {stats.imissed + stats.rx_nombuf, stats.ierrors, stats.oerrors};
}

}  // namespace ecmpd::dataplane
