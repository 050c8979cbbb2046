// Keeps the kernel's hands off a port's netdev: it must neither answer nor forward beside the twin.
//
// A netdev-ingress hook drops every frame before the kernel's stack sees it (AF_PACKET and XDP still get them all), and
// IPv6 is off on the interface. Both are undone when the object goes. The hook belongs to this process: it vanishes
// with it even after a crash, and another process cannot take it away; of a crash only disable_ipv6 stays. Control
// thread.
#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "control/config/config.h"

struct nft_ctx;

namespace ecmpd::control {

class Guard {
 public:
  static tl::expected<std::unique_ptr<Guard>, std::string> set(const std::string& interface);
  ~Guard();
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

 private:
  Guard() = default;
  struct Free {
    void operator()(nft_ctx* nft) const;
  };
  std::unique_ptr<nft_ctx, Free> nft_;  // its netlink socket owns the table
  std::string interface_;
  std::string disable_ipv6_;  // what it was before
};

/// Refuses ports whose interface the machine itself needs, and warns of those that have an address. The error names
/// port and interface, why, and what is allowed.
tl::expected<void, std::string> check_interfaces(const std::vector<PortConfig>& ports);

using Guards = std::vector<std::unique_ptr<Guard>>;

/// Before any device is opened: guards those that are interfaces of the kernel, and makes sure that those which are to
/// be created do not exist. The error names port and interface.
tl::expected<Guards, std::string> guard_ports(const std::vector<PortConfig>& ports);

}  // namespace ecmpd::control
