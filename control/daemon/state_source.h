// What the daemon shows: api::StateSource over the machine, the host side and the route side.
//
// Copies what it is asked for, and changes nothing but for the trace, capture or reload that is asked for. Control
// thread.
#pragma once

#include <map>
#include <set>

#include "control/api/views.h"
#include "control/config/config.h"
#include "control/config/diff.h"
#include "control/daemon/counter_history.h"
#include "control/daemon/host_side.h"
#include "control/daemon/machine.h"
#include "control/daemon/route_side.h"
#include "control/daemon/watches.h"

namespace ecmpd::control {

class DaemonState final : public api::StateSource {
 public:
  using Reload = std::function<tl::expected<std::vector<ConfigChange>, std::string>()>;

  DaemonState(const Config& config, Machine& machine, const HostSide& host, const RouteSide& routes, Reload reload)
      : config_(config),
        machine_(machine),
        host_(host),
        routes_(routes),
        reload_(std::move(reload)),
        watches_(machine) {}

  /// To be called every second: rates are shown over the time since the call before the last one.
  void remember_counters() { history_.add(sample()); }
  /// Likewise every second.
  void stop_unread_watch() { watches_.stop_unread(); }

  std::vector<api::RouteView> routes(const api::RouteQuery& query) override;
  std::optional<api::RouteView> route(const Prefix& prefix) override;
  std::optional<api::RouteView> lookup(const IpAddress& address) override;
  std::vector<api::GroupView> groups() override;
  std::optional<api::GroupView> group(uint32_t id) override;
  api::BgpSummaryView bgp_summary() override;
  std::optional<api::BgpPeerView> bgp_peer(const IpAddress& address) override;
  std::vector<api::BgpTimingView> bgp_timing() override;
  std::vector<api::PortView> ports() override;
  std::vector<api::DropView> drops() override;
  std::vector<api::IcmpView> icmp() override;
  std::vector<api::WorkerView> workers() override;
  api::HashView hash() override;
  std::vector<api::NeighborView> neighbors() override;
  api::ExplainView explain(const hash::Tuple& tuple) override;
  tl::expected<std::vector<api::ConfigChangeView>, std::string> reload() override;
  tl::expected<void, api::WatchRefusal> start_watch(const api::WatchRequest& request) override;
  std::optional<api::WatchPage> read_watch(const std::string& name, unsigned limit) override;
  bool end_watch(const std::string& name) override;
  void stop_watch(const std::string& name) override;
  std::vector<std::string> port_names() override;

 private:
  const std::string& port_name(dataplane::PortIndex port) const;
  bool is_own_link_local(const IpAddress& address) const;
  std::string port_of(const IpAddress& nexthop, std::optional<dataplane::PortIndex> found) const;
  api::RouteView present(const RouteView& route) const;
  std::vector<api::PathView> paths(const Prefix& prefix) const;
  using Drained = std::map<dataplane::GroupId, std::set<IpAddress>>;
  Drained draining_members() const;
  api::GroupView present(const GroupView& group, const Drained& drained) const;
  api::BgpFamilyView carried(bgp::PeerId peer, hash::Family family) const;
  api::BgpPeerView present(const BgpPeerReport& peer) const;
  api::WatchedView present(const dataplane::WatchRecord& record, const uint8_t* bytes);
  const dataplane::Adjacency& adjacency(dataplane::AdjacencyId id) const;

  CounterSample sample() const;

  const Config& config_;
  const Machine& machine_;
  const HostSide& host_;
  const RouteSide& routes_;
  const Reload reload_;
  CounterHistory history_;
  Watches watches_;
};

}  // namespace ecmpd::control
