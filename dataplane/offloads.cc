#include "dataplane/offloads.h"

#include <string_view>
#include <utility>

namespace ecmpd::dataplane {

namespace {

constexpr std::pair<uint64_t, const char*> kSpreadBy[] = {{RTE_ETH_RSS_IP, "IP addresses"},
                                                          {RTE_ETH_RSS_TCP, "TCP ports"},
                                                          {RTE_ETH_RSS_UDP, "UDP ports"},
                                                          {RTE_ETH_RSS_SCTP, "SCTP ports"}};

/// Who spreads flows over the queues of a device without RSS: the kernel, or whoever is at the other end of a virtual
/// one.
bool spreads_without_rss(DriverKind driver) { return driver != DriverKind::kPci; }

void choose_rss(const rte_eth_dev_info& info, DriverKind driver, Offloads& out) {
  std::string missing;
  for (const auto& [types, name] : kSpreadBy) {
    const uint64_t usable = info.flow_type_rss_offloads & types;
    out.conf.rx_adv_conf.rss_conf.rss_hf |= usable;
    if (usable == 0) missing += (missing.empty() ? "" : ", ") + std::string(name);
  }
  if (out.conf.rx_adv_conf.rss_conf.rss_hf != 0) out.conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;  // with the driver's key
  if (missing.empty() || spreads_without_rss(driver)) return;
  out.clamps.push_back(out.conf.rx_adv_conf.rss_conf.rss_hf == 0
                           ? "no RSS: one worker gets all packets that come in here"
                           : "no RSS over " + missing + ": flows that differ in nothing else share a worker");
}

/// Without interrupts the link is read whenever it is asked for; with them DPDK gives what the last one brought. Those
/// of net_vmxnet3 get lost behind a uio driver, and a link that goes down would count as up for ever. Its link is then
/// seen up to 50 ms later: that often control looks.
bool tells_of_its_link(const rte_eth_dev_info& info) {
  const std::string_view name = info.driver_name == nullptr ? "" : info.driver_name;
  return info.dev_flags != nullptr && (*info.dev_flags & RTE_ETH_DEV_INTR_LSC) != 0 && name != "net_vmxnet3";
}

/// net_virtio offers to write tags, but does so in software, in a step of its own that an application has to ask for
/// (rte_eth_tx_prepare): by itself it sends the frame without one.
bool inserts_tags(const rte_eth_dev_info& info, DriverKind driver) {
  const std::string_view name = info.driver_name == nullptr ? "" : info.driver_name;
  return driver == DriverKind::kPci && name != "net_virtio";
}

void choose_vlan(const rte_eth_dev_info& info, DriverKind driver, Offloads& out) {
  out.conf.rxmode.offloads |= info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_VLAN_STRIP;
  if (driver != DriverKind::kPci) return;  // a driver without a device would write the tag in software too
  if (inserts_tags(info, driver)) out.conf.txmode.offloads |= info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_VLAN_INSERT;
  if ((out.conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_VLAN_STRIP) == 0) {
    out.clamps.emplace_back("no taking off of VLAN tags: done in software");
  }
  if ((out.conf.txmode.offloads & RTE_ETH_TX_OFFLOAD_VLAN_INSERT) == 0) {
    out.clamps.emplace_back("no writing of VLAN tags: done in software");
  }
}

void choose_checksum(const rte_eth_dev_info& info, DriverKind driver, Offloads& out) {
  if (driver != DriverKind::kPci) return;  // net_tap would compute it in software too, TCP's and UDP's with it
  out.conf.rxmode.offloads |= info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_IPV4_CKSUM;
  if ((out.conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_IPV4_CKSUM) == 0) {
    out.clamps.emplace_back("no checking of IPv4 header checksums: done in software");
  }
}

}  // namespace

Offloads choose_offloads(const rte_eth_dev_info& info, const PortSpec& spec, unsigned queues) {
  const DriverKind driver = spec.driver;
  Offloads out;
  out.conf.txmode.offloads = info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
  if (out.conf.txmode.offloads == 0) {
    out.clamps.emplace_back("no sending of packets in several segments: they are copied into one");
  }
  // For what is behind the others the kernel tells.
  const bool own_link = driver == DriverKind::kPci || driver == DriverKind::kVdev;
  out.conf.intr_conf.lsc = own_link && tells_of_its_link(info);
  choose_checksum(info, driver, out);
  if (spec.trunk) choose_vlan(info, driver, out);
  if (queues > 1) choose_rss(info, driver, out);
  return out;
}

}  // namespace ecmpd::dataplane
