// The router as a host: its addresses, its twins, and the hosts that it can reach directly.
//
// Turns the neighbor table into adjacencies and host routes, and connected prefixes into glean routes; sends packets
// that waited for a host as soon as it is resolved. Control thread.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <tl/expected.hpp>
#include <unordered_map>
#include <vector>

#include "control/daemon/machine.h"
#include "control/host/holding.h"
#include "control/host/link_watch.h"
#include "control/host/neighbors.h"
#include "control/host/netlink.h"
#include "control/host/own_routes.h"
#include "control/host/punt_path.h"
#include "control/host/tap.h"
#include "control/io/reactor.h"
#include "control/nexthop/route_installer.h"

namespace ecmpd::control {

class HostSide final : public NeighborListener {
 public:
  /// Creates the twins, installs own addresses, subnets and static neighbor entries, and begins to
  /// exchange packets. Everything given outlives the object.
  static tl::expected<std::unique_ptr<HostSide>, std::string> create(const Config& config, Reactor& reactor,
                                                                     Machine& machine, RouteInstaller& installer);
  ~HostSide() override;

  /// Changes over to other static neighbor entries.
  void set_neighbor_entries(const Config& running, const std::vector<NeighborEntryConfig>& wanted);

  const Neighbors& neighbors() const { return *neighbors_; }
  /// The address that an adjacency leads to, if it leads to a host.
  std::optional<IpAddress> host_of(dataplane::AdjacencyId adjacency) const;

  void neighbor_up(const IpAddress& address, PortIndex port, const MacAddress& mac) override;
  void neighbor_down(const IpAddress& address) override;

 private:
  HostSide(Machine& machine, RouteInstaller& installer);
  tl::expected<void, std::string> open(const Config& config, Reactor& reactor);
  void add_static(const Config& config, const NeighborEntryConfig& entry);
  void install_addresses(const Config& config);
  void on_glean(rte_mbuf* packet);
  void send_held(const IpAddress& address, dataplane::AdjacencyId adjacency);
  void on_second();
  void refresh_links();
  void report_interface(const dataplane::Port& port);
  void report_losses();

  Machine& machine_;
  RouteInstaller& installer_;
  std::vector<uint16_t> mtu_;  // by port
  enum class InterfaceLoss : uint8_t { kNone, kGone, kAnother };
  std::vector<InterfaceLoss> interfaces_;  // by port, as the log has it
  std::unique_ptr<Netlink> netlink_;
  std::unique_ptr<LinkWatch> link_watch_;
  std::vector<std::unique_ptr<Tap>> twins_;
  std::unique_ptr<OwnRoutes> own_routes_;
  std::unique_ptr<Neighbors> neighbors_;
  std::unique_ptr<PuntPath> punt_path_;
  Holding holding_;
  std::unordered_map<IpAddress, dataplane::AdjacencyId> hosts_;
  std::set<IpAddress> lost_;  // the log says that they are away; at most so many as there may be hosts
  uint64_t seconds_ = 0;
  PuntPathCounters reported_;
  std::vector<Handle> handles_;
};

}  // namespace ecmpd::control
