// Keeps the kernel's hands off a port's netdev: it must neither answer nor forward beside the twin.
//
// A netdev-ingress hook drops every frame before the kernel's stack sees it (AF_PACKET and XDP still get them all), and
// IPv6 is off on the interface. Undone when the object goes; what a crashed run left is replaced by the next start.
// Control thread.
#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>

namespace ecmpd::control {

class Guard {
 public:
  static tl::expected<std::unique_ptr<Guard>, std::string> set(const std::string& interface);
  ~Guard();
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

 private:
  Guard() = default;
  std::string interface_;
  std::string disable_ipv6_;  // what it was before
};

}  // namespace ecmpd::control
