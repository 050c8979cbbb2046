// Which hosts of the connected subnets are there, and at which MAC address: the kernel's neighbor table, kept honest.
//
// The kernel resolves (ARP, ND) through the twins and tells by netlink. Since it does not see forwarded packets, its
// entries would never fail by themselves: tick() probes every watched nexthop each second and every other known host
// each kHostProbeSeconds. With the twins' timers a silent host fails at most 1 s + 4 x 0.5 s after its last answer, and
// one that comes back is found within a second. Static entries are never probed. A link-local address is known with its
// zone, which is that of its port (zone_of_port). Control thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "control/host/netlink.h"
#include "dataplane/ids.h"

namespace ecmpd::control {

using dataplane::PortIndex;

/// Receives changes. up() again for a host that is up: its MAC address changed. down() also for a host that never was
/// up, once or more: it was asked for and did not answer.
class NeighborListener {
 public:
  virtual ~NeighborListener() = default;
  virtual void neighbor_up(const IpAddress& address, PortIndex port, const MacAddress& mac) = 0;
  virtual void neighbor_down(const IpAddress& address) = 0;
};

struct NeighborStatus {
  IpAddress address;
  PortIndex port{0};
  std::optional<MacAddress> mac;
  bool is_static = false;
  bool watched = false;
};

class Neighbors {
 public:
  static constexpr unsigned kHostProbeSeconds = 10;
  /// A nexthop that nothing was heard of for so long is reported down, whatever the reason: no link, no room in the
  /// kernel's table. That it does not answer is told earlier.
  static constexpr unsigned kGiveUpSeconds = 3;

  struct PortSubnets {
    unsigned interface = 0;  // of the twin
    std::vector<InterfaceAddress> addresses;
  };

  /// `ports` by PortIndex.
  Neighbors(Netlink& netlink, std::vector<PortSubnets> ports, NeighborListener& listener);

  void add_static(const IpAddress& address, PortIndex port, const MacAddress& mac);
  /// Forgets a static entry; the host is asked for itself, and forwarding to it goes on until it fails to answer. On a
  /// port without link nobody can be asked: the host is unknown until the link is back.
  void remove_static(const IpAddress& address);
  /// A nexthop is in use, or no longer.
  void watch(const IpAddress& nexthop, bool in_use);
  /// A packet waits for this host.
  void resolve(const IpAddress& address, PortIndex port);
  /// Once a second.
  void tick();
  /// When the netlink socket is readable.
  void read_events();
  /// A port lost its link: its hosts are gone, static ones too. When it is back, the kernel's entries count again, and
  /// the nexthops that it has lost are asked for at once.
  void set_link(PortIndex port, bool up);

  std::vector<NeighborStatus> status() const;

 private:
  struct Entry {
    PortIndex port{0};
    std::optional<MacAddress> mac;  // up when present
    uint16_t kernel_state = 0;      // NUD_*
    bool is_static = false;
  };

  void handle(const KernelNeighbor& neighbor);
  void read_table();
  void forget(const IpAddress& address, PortIndex port);
  void ask(const IpAddress& address, PortIndex port);
  std::optional<PortIndex> port_of_interface(unsigned interface) const;
  std::optional<PortIndex> port_of_address(const IpAddress& address) const;

  Netlink& netlink_;
  std::vector<PortSubnets> ports_;
  NeighborListener& listener_;
  std::map<IpAddress, Entry> entries_;
  std::map<IpAddress, unsigned> watched_;  // and since which tick
  std::set<PortIndex> without_link_;
  unsigned ticks_ = 0;
  bool failure_logged_ = false;  // since the last tick
};

}  // namespace ecmpd::control
