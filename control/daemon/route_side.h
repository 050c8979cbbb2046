// The route's way, end to end: sessions -> RIB -> route installer, with the startup hold and the record of layouts.
//
// Every event only marks work; one flush later carries it out, so that a burst of updates becomes one batch. Control
// thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "control/config/config.h"
#include "control/daemon/exports.h"
#include "control/daemon/published_forwarding.h"
#include "control/daemon/route_timing.h"
#include "control/daemon/stale_timers.h"
#include "control/io/bgp_speaker.h"
#include "control/io/reactor.h"
#include "control/nexthop/route_installer.h"
#include "control/nexthop/startup_hold.h"
#include "control/rib/rib.h"

namespace ecmpd::control {

class RouteSide final : public bgp::SessionSink {
 public:
  /// `link_locals` are those of the ports, in their order; none of a port without IPv6.
  RouteSide(const Config& config, Reactor& reactor, dataplane::Publisher& publisher,
            std::vector<std::optional<IpAddress>> link_locals);
  ~RouteSide() override;

  RouteInstaller& installer() { return installer_; }
  const RouteInstaller& installer() const { return installer_; }
  const Rib& rib() const { return rib_; }
  const BgpSpeaker& speaker() const { return speaker_; }
  const Exports& exports() const { return exports_; }
  const RouteTiming& timing() const { return timing_; }

  /// Installs static routes and opens the BGP sessions; ports and twins are ready.
  tl::expected<void, std::string> start();
  /// Changes over from `before` to the configuration that the object was made with, which has changed since. On error
  /// nothing has.
  tl::expected<void, std::string> reload(const Config& before);
  /// Ends the sessions with a Cease and saves the record; then `done`.
  void stop(std::function<void()> done);

  void on_read() override;
  void on_established(bgp::PeerId peer, const bgp::PeerInfo& info) override;
  bgp::UpdateVerdict on_update(bgp::PeerId peer, const bgp::RouteUpdate& update) override;
  void on_end_of_rib(bgp::PeerId peer, bgp::Family family) override;
  void on_down(bgp::PeerId peer, std::string_view reason, const bgp::Retain& retain) override;
  void on_forgotten(bgp::PeerId peer) override;
  bool on_policy(bgp::PeerId peer, const PeerPolicy& policy) override;
  void on_refresh(bgp::PeerId peer, bgp::Family family) override;

 private:
  std::optional<Time> nexthops_leave(bgp::PeerId peer);
  void schedule_flush();
  void flush();
  void check_hold();
  void say_nothing();
  void say_no_route();
  void restore_record();
  /// Of the record.
  struct Revision {
    uint64_t layouts = 0;
    uint64_t away = 0;
    bool operator==(const Revision&) const = default;
  };
  Revision revision() const;
  void save_when_quiet();
  void save_record();

  const Config& config_;
  Reactor& reactor_;
  dataplane::Publisher& publisher_;
  PublishedForwarding forwarding_;
  NexthopSets sets_;
  Rib rib_;
  RouteInstaller installer_;
  Time started_;
  bool silent_ = false;  // nobody is told that there is no route
  StartupHold hold_;
  Exports exports_;
  RouteTiming timing_;
  BgpSpeaker speaker_;
  std::vector<RouteChange> changes_;
  std::vector<Prefix> changed_;  // what neighbors are told of them may be another thing now
  bool flush_scheduled_ = false;
  Revision saved_;
  Revision seen_;
  std::optional<Time> unsaved_since_;
  StaleTimers stale_timers_;
  Handle hold_timer_;
  Handle save_timer_;
  Handle retry_timer_;
  Handle room_timer_;
  Handle expire_timer_;
};

}  // namespace ecmpd::control
