#include "control/host/own_routes.h"

#include <linux/rtnetlink.h>

#include <algorithm>
#include <set>

#include "control/host/sysctl.h"

namespace ecmpd::control {

namespace {
// Before the kernel's own rule for the main table (32766), behind what an administrator is likely to have.
constexpr uint32_t kConnectedFirst = 32000;
constexpr uint32_t kThenOurs = 32001;
constexpr uint32_t kFirstTable = 0xec3d0000;  // and the interface's index: another ecmpd has another
}  // namespace

tl::expected<std::unique_ptr<OwnRoutes>, std::string> OwnRoutes::create(Netlink& netlink,
                                                                        const std::vector<PortConfig>& ports) {
  std::unique_ptr<OwnRoutes> out(new OwnRoutes(netlink));
  auto tun = Tap::open("ecmpd%d", Tap::Kind::kTun);
  if (!tun) return tl::unexpected(tun.error());
  out->tun_ = std::move(*tun);
  const unsigned interface = out->tun_->interface();
  // No link-local address, no router solicitations: the kernel only routes into it.
  write_sysctl("net/ipv6/conf/" + out->tun_->name() + "/addr_gen_mode", "1");
  write_sysctl("net/ipv6/conf/" + out->tun_->name() + "/accept_ra", "0");
  // What comes out of it is the router's own: ICMP errors about its packets, from an address of its own.
  write_sysctl("net/ipv4/conf/" + out->tun_->name() + "/accept_local", "1");
  write_sysctl("net/ipv4/conf/" + out->tun_->name() + "/rp_filter", "0");

  uint16_t mtu = UINT16_MAX;
  for (const PortConfig& port : ports) mtu = std::min(mtu, port.mtu);
  NetlinkResult done = netlink.set_mtu(interface, mtu);
  if (done) done = netlink.set_up(interface);
  const uint32_t table = kFirstTable + interface;
  std::set<hash::Family> families;
  for (const PortConfig& port : ports) {
    for (const InterfaceAddress& own : port.addresses) {
      if (own.address.is_link_local()) continue;  // means its own link only
      if (done && families.insert(own.address.family()).second) {
        done = netlink.add_default_route(interface, own.address, table);
      }
      if (done) done = out->add({own.address, kConnectedFirst, RT_TABLE_MAIN, false});
      if (done) done = out->add({own.address, kThenOurs, table, true});
    }
  }
  if (!done) return tl::unexpected(done.error());
  return out;
}

NetlinkResult OwnRoutes::add(const Netlink::Rule& rule) {
  // A daemon that was killed may have left one, for a table that is gone.
  Netlink::Rule left = rule;
  if (left.defaults) left.table = RT_TABLE_UNSPEC;
  [[maybe_unused]] const NetlinkResult removed = netlink_.remove_rule(left);
  NetlinkResult added = netlink_.add_rule(rule);
  if (added) rules_.push_back(rule);
  return added;
}

OwnRoutes::~OwnRoutes() {
  for (const Netlink::Rule& rule : rules_) {
    [[maybe_unused]] const NetlinkResult removed = netlink_.remove_rule(rule);  // someone else may have
  }
}

}  // namespace ecmpd::control
