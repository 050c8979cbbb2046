#include "control/host/guard.h"

#include <nftables/libnftables.h>

#include "control/host/sysctl.h"

namespace ecmpd::control {

namespace {

/// Empty when nft accepted the commands, its message otherwise.
std::string run_nft(const std::string& commands) {
  const std::unique_ptr<nft_ctx, decltype(&nft_ctx_free)> nft(nft_ctx_new(NFT_CTX_DEFAULT), nft_ctx_free);
  if (!nft) return "libnftables did not start";
  nft_ctx_buffer_error(nft.get());
  nft_ctx_buffer_output(nft.get());
  if (nft_run_cmd_from_buffer(nft.get(), commands.c_str()) == 0) return "";
  std::string message = nft_ctx_get_error_buffer(nft.get());
  message = message.substr(0, message.find('\n'));
  return message.empty() ? "refused without a message" : message;
}

std::string table_name(const std::string& interface) { return "netdev ecmpd-" + interface; }

std::string ipv6_sysctl(const std::string& interface) { return "net/ipv6/conf/" + interface + "/disable_ipv6"; }

}  // namespace

tl::expected<std::unique_ptr<Guard>, std::string> Guard::set(const std::string& interface) {
  const std::string table = table_name(interface);
  const std::string commands = "add table " + table + "\ndelete table " + table + "\nadd table " + table +
                               "\nadd chain " + table + " ingress { type filter hook ingress device \"" + interface +
                               "\" priority -500; policy drop; }\n";
  if (const std::string problem = run_nft(commands); !problem.empty()) {
    return tl::unexpected(interface + ": cannot keep the kernel from answering on it: " + problem);
  }
  std::unique_ptr<Guard> guard(new Guard);
  guard->interface_ = interface;
  guard->disable_ipv6_ = read_sysctl(ipv6_sysctl(interface));
  write_sysctl(ipv6_sysctl(interface), "1");
  return guard;
}

Guard::~Guard() {
  if (interface_.empty()) return;
  run_nft("delete table " + table_name(interface_));
  if (!disable_ipv6_.empty()) write_sysctl(ipv6_sysctl(interface_), disable_ipv6_);
}

}  // namespace ecmpd::control
