// A port: an ethdev with one receive and one transmit queue for every worker; or a VLAN on the ethdev of another port.
//
// PortSpec says what to open; Port opens it (control thread, before the workers start) and closes it (after they
// ended), and leaves a kernel's interface as it was. PortFacts is what workers know of it: constant, but for the link
// state, which control refreshes.
#pragma once

#include <rte_ether.h>
#include <rte_mempool.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "dataplane/ids.h"
#include "dataplane/kernel_interface.h"
#include "dataplane/link_events.h"
#include "dataplane/port_spec.h"

namespace ecmpd::dataplane {

struct VlanTable;

struct PortFacts {
  PortIndex index{0};
  uint16_t dpdk_port = 0;
  rte_ether_addr mac{};
  uint16_t mtu = 1500;               // bytes of the IP packet
  bool takes_segments = false;       // sends an mbuf of several segments
  uint16_t vlan = 0;                 // a sub-port: the tag of its frames; the device is that of its trunk
  bool inserts_tag = false;          // the device writes it
  const VlanTable* vlans = nullptr;  // a trunk: its sub-ports
  /// The router's own IPv6 addresses on this link, the link-local one of the MAC address too; network byte order.
  std::vector<std::array<uint8_t, 16>> addresses6;
  std::atomic<bool> link_up{false};
};

struct PortStatistics {
  uint64_t rx_missed = 0;  // what the device itself had to drop: no descriptor, no mbuf
  uint64_t rx_errors = 0;
  uint64_t tx_errors = 0;
};

/// Why a port cannot be opened; `misconfigured`: another configuration would help, nothing is broken.
struct PortError {
  std::string text;
  bool misconfigured = false;
};

/// The configured IPv6 addresses and the link-local one that the MAC address gives (RFC 4291 appendix A); none without
/// a configured one.
std::vector<std::array<uint8_t, 16>> own_addresses6(const PortSpec& spec, const rte_ether_addr& mac);

class Port {
 public:
  /// Configures and starts the device that device_arguments() named. The error says what was tried. `events` outlives
  /// the port, and hears of its link if the driver has interrupts for it.
  static tl::expected<std::unique_ptr<Port>, PortError> open(const PortSpec& spec, PortIndex index, unsigned queues,
                                                             rte_mempool* mempool, LinkEvents& events);
  /// A sub-port, spec.vlan on the device of `trunk`, which outlives it.
  static std::unique_ptr<Port> open_vlan(Port& trunk, const PortSpec& spec, PortIndex index);
  ~Port();
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  const PortSpec& spec() const { return spec_; }
  const PortFacts& facts() const { return facts_; }
  const std::string& driver() const { return driver_; }
  /// What was wanted of the device and is not to be had, a line each; the port works without.
  const std::vector<std::string>& clamps() const { return clamps_; }
  /// Reads the link state from the device; true when it changed.
  bool refresh_link();
  /// The kernel's interface is gone, or has been: nothing passes till a restart.
  bool interface_lost() const { return interface_lost_; }
  PortStatistics statistics() const;

 private:
  Port();
  PortSpec spec_;
  PortFacts facts_;
  std::string driver_;
  std::vector<std::string> clamps_;
  std::unique_ptr<VlanTable> vlans_;
  KernelMtu mtu_before_;
  bool interface_lost_ = false;
  std::unique_ptr<Promiscuous> promiscuous_;  // of a kernel's interface
  bool owns_device_ = true;
  LinkEvents* events_ = nullptr;  // if the device has them
};

}  // namespace ecmpd::dataplane
