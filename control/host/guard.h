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

}  // namespace ecmpd::control
