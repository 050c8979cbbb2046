// What is announced to neighbors with an export policy: an Adj-RIB-Out for each, and its way into the sessions.
//
// A prefix is announced while packets for it find a live nexthop, whether or not the sessions that brought it are up
// still. Sessions only mark work; send() does it, from outside of their callbacks. The nexthop that a neighbor is told
// is our own address on its link: of its own family the one in its subnet, of the other the first of that port. To a
// neighbor behind other routers it is our end of its session, and of the other family the first of the port that has
// that address. A session over link-local addresses brings the link-local nexthop beside the global one (RFC 2545
// section 3), for the neighbor may be in no other subnet of ours. Others do not, although the RFC wants it for whoever
// shares a subnet: FRR 8.4 answers it with a NOTIFICATION when it runs without its zebra. Control thread.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "control/bgp/announcer.h"
#include "control/config/config.h"
#include "control/nexthop/route_installer.h"
#include "control/rib/adj_rib_out.h"
#include "control/rib/rib.h"

namespace ecmpd::control {

class Exports {
 public:
  /// `link_locals` are those of the ports, in their order; none of a port without IPv6.
  Exports(const Config& config, const Rib& rib, const RouteInstaller& installer,
          std::vector<std::optional<IpAddress>> link_locals)
      : config_(config), rib_(rib), installer_(installer), link_locals_(std::move(link_locals)) {}

  void established(bgp::PeerId peer, const bgp::PeerInfo& info);
  void policy_changed(bgp::PeerId peer, const PeerPolicy& policy);
  /// True: send() has something to do.
  bool refresh(bgp::PeerId peer, bgp::Family family);
  void down(bgp::PeerId peer) {
    peers_.erase(peer);
    infos_.erase(peer);
  }

  /// Every prefix has to be looked at.
  void everything_again() {
    for (auto& [id, peer] : peers_) peer.everything = true;
  }
  bool any() const { return !peers_.empty(); }
  /// Tells everybody what is new about these prefixes: those that were decided, and those that can be reached again or
  /// no longer.
  void send(std::span<const Prefix> changed, bgp::Announcer& sessions);
  /// Those that somebody has been told.
  std::set<Prefix> aggregates() const;
  /// Prefixes of this family that the peer has been told.
  uint32_t announced(bgp::PeerId peer, hash::Family family) const;

 private:
  struct NextHops {
    std::map<hash::Family, IpAddress> addresses{};
    std::optional<IpAddress> link_local{};  // beside the IPv6 one
  };
  struct Peer {
    Peer(const ExportTarget& target, const ExportFilter& filter) : out(target, filter) {}
    AdjRibOut out;
    bool everything = true;        // all prefixes have to be looked at
    bool owes_end_of_rib = false;  // behind the first table of the session
    NextHops next_hops{};
  };
  NextHops next_hops(const bgp::PeerInfo& peer) const;

  const Config& config_;
  const Rib& rib_;
  const RouteInstaller& installer_;
  std::vector<std::optional<IpAddress>> link_locals_;
  std::map<bgp::PeerId, bgp::PeerInfo> infos_;
  std::map<bgp::PeerId, Peer> peers_;
};

}  // namespace ecmpd::control
