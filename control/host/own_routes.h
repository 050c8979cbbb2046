// The router's own way to hosts that are not on its links: a TUN interface into which the kernel routes what it sends
// from the router's addresses, and the data plane takes it from there with the FIB that everybody's packets use.
//
// So the router answers ping, traceroute and TCP from anywhere that it has a route to. The kernel's own routes stay
// what they are: for packets from these addresses its connected subnets go first, and its default routes are not looked
// at. The rules in the kernel go with the object; after a crash they stay, lead nowhere, and are replaced by the next
// start. Control thread.
#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "control/config/config.h"
#include "control/host/netlink.h"
#include "control/host/tap.h"

namespace ecmpd::control {

class OwnRoutes {
 public:
  /// For the addresses of these ports. `netlink` outlives the object.
  static tl::expected<std::unique_ptr<OwnRoutes>, std::string> create(Netlink& netlink,
                                                                      const std::vector<PortConfig>& ports);
  ~OwnRoutes();
  OwnRoutes(const OwnRoutes&) = delete;
  OwnRoutes& operator=(const OwnRoutes&) = delete;

  /// IP packets of the kernel, one with each read().
  Tap& tun() { return *tun_; }

 private:
  explicit OwnRoutes(Netlink& netlink) : netlink_(netlink) {}
  NetlinkResult add(const Netlink::Rule& rule);

  Netlink& netlink_;
  std::unique_ptr<Tap> tun_;
  std::vector<Netlink::Rule> rules_;
};

}  // namespace ecmpd::control
