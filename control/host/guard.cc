#include "control/host/guard.h"

#include <net/if.h>
#include <nftables/libnftables.h>

#include "control/host/interface_use.h"
#include "control/host/sysctl.h"
#include "control/log.h"

namespace ecmpd::control {

namespace {

/// Empty when nft accepted the commands, its message otherwise.
std::string run(nft_ctx* nft, const std::string& commands) {
  nft_ctx_buffer_error(nft);
  nft_ctx_buffer_output(nft);
  if (nft_run_cmd_from_buffer(nft, commands.c_str()) == 0) return "";
  std::string message = nft_ctx_get_error_buffer(nft);
  message = message.substr(0, message.find('\n'));
  return message.empty() ? "refused without a message" : message;
}

std::string table_name(const std::string& interface) { return "netdev ecmpd-" + interface; }

/// The device is an interface that the kernel has anyway.
bool is_interface(const PortConfig& port) {
  return port.vlan == 0 && (port.device_kind == DeviceKind::kAfPacket || port.device_kind == DeviceKind::kAfXdp);
}

std::string ipv6_sysctl(const std::string& interface) { return "net/ipv6/conf/" + interface + "/disable_ipv6"; }

}  // namespace

tl::expected<std::unique_ptr<Guard>, std::string> Guard::set(const std::string& interface) {
  if (if_nametoindex(interface.c_str()) == 0) return tl::unexpected("there is no interface " + interface);
  std::unique_ptr<Guard> guard(new Guard);
  guard->nft_.reset(nft_ctx_new(NFT_CTX_DEFAULT));
  if (!guard->nft_) return tl::unexpected(interface + ": libnftables did not start");
  const std::string table = table_name(interface);
  const std::string commands =
      "add table " + table + "\ndelete table " + table + "\nadd table " + table + " { flags owner; }\nadd chain " +
      table + " ingress { type filter hook ingress device \"" + interface + "\" priority -500; policy drop; }\n";
  if (const std::string problem = run(guard->nft_.get(), commands); !problem.empty()) {
    // Who is refused can still see the table that is in the way.
    if (run(guard->nft_.get(), "list table " + table).empty()) {
      return tl::unexpected(interface + " is in use: is another ecmpd running?");
    }
    return tl::unexpected(interface + ": cannot keep the kernel from answering on it: " + problem);
  }
  guard->interface_ = interface;
  guard->disable_ipv6_ = read_sysctl(ipv6_sysctl(interface));
  write_sysctl(ipv6_sysctl(interface), "1");
  return guard;
}

void Guard::Free::operator()(nft_ctx* nft) const { nft_ctx_free(nft); }

Guard::~Guard() {
  if (interface_.empty()) return;
  nft_.reset();  // the kernel removes a table whose owner is gone
  if (!disable_ipv6_.empty()) write_sysctl(ipv6_sysctl(interface_), disable_ipv6_);
}

tl::expected<void, std::string> check_interfaces(const std::vector<PortConfig>& ports) {
  for (const PortConfig& port : ports) {
    if (!is_interface(port)) continue;
    if (const std::string why = why_not_a_port(port.device); !why.empty()) {
      return tl::unexpected("port " + port.name + ": " + port.device + " is in use: it " + why +
                            "; allowed: an interface without default route, bridge, bond, VLAN or macvlan");
    }
    if (const std::string address = address_on(port.device); !address.empty()) {
      log::warn("port", "{}: {} has the address {}, where this machine cannot be reached as long as ecmpd runs",
                port.name, port.device, address);
    }
  }
  return {};
}

tl::expected<Guards, std::string> guard_ports(const std::vector<PortConfig>& ports) {
  Guards out;
  for (const PortConfig& port : ports) {
    if (port.vlan != 0) continue;  // its parent has the device
    if (port.device_kind == DeviceKind::kTap && if_nametoindex(port.device.c_str()) != 0) {
      return tl::unexpected("port " + port.name + ": interface " + port.device + " exists already");
    }
    if (!is_interface(port)) continue;
    auto guard = Guard::set(port.device);
    if (!guard) return tl::unexpected("port " + port.name + ": " + guard.error());
    out.push_back(std::move(*guard));
  }
  return out;
}

}  // namespace ecmpd::control
