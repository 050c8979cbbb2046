#include "dataplane/kernel_interface.h"

#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace ecmpd::dataplane {

namespace {
/// 0 or -errno.
int ask_kernel(const std::string& interface, unsigned long what, ifreq& request) {
  std::strncpy(request.ifr_name, interface.c_str(), IFNAMSIZ - 1);
  const int any = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const int error = any >= 0 && ioctl(any, what, &request) == 0 ? 0 : -errno;
  if (any >= 0) close(any);
  return error;
}

/// Empty if there is none.
std::string name_of(unsigned index) {
  std::array<char, IF_NAMESIZE> name{};
  return index != 0 && if_indextoname(index, name.data()) != nullptr ? name.data() : "";
}

/// 0 if there is no such interface.
int mtu_of(const std::string& interface) {
  ifreq request{};
  return ask_kernel(interface, SIOCGIFMTU, request) == 0 ? request.ifr_mtu : 0;
}
}  // namespace

bool kernel_carrier(const std::string& interface) {
  ifreq flags{};
  if (ask_kernel(interface, SIOCGIFFLAGS, flags) != 0 || !(flags.ifr_flags & IFF_UP)) return false;
  ethtool_value link{};
  link.cmd = ETHTOOL_GLINK;
  ifreq request{};
  request.ifr_data = reinterpret_cast<char*>(&link);
  if (ask_kernel(interface, SIOCETHTOOL, request) == 0) return link.data != 0;
  return flags.ifr_flags & IFF_RUNNING;  // a driver that is silent about it
}

int set_kernel_mtu(const std::string& interface, int mtu) {
  ifreq request{};
  request.ifr_mtu = mtu;
  return ask_kernel(interface, SIOCSIFMTU, request);
}

KernelMtu::KernelMtu(unsigned index) : index_(index), before_(mtu_of(name_of(index))) {}

void KernelMtu::give_back(int set) const {
  const std::string name = name_of(index_);
  if (before_ != 0 && before_ != set && mtu_of(name) == set) set_kernel_mtu(name, before_);
}

bool has_promiscuous_flag(const std::string& interface) {
  ifreq flags{};
  return ask_kernel(interface, SIOCGIFFLAGS, flags) == 0 && (flags.ifr_flags & IFF_PROMISC);
}

std::unique_ptr<Promiscuous> Promiscuous::hold(const std::string& interface) {
  const int socket = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);  // of no protocol: it receives nothing
  if (socket < 0) return nullptr;
  std::unique_ptr<Promiscuous> out(new Promiscuous(socket));
  packet_mreq membership{};
  membership.mr_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
  membership.mr_type = PACKET_MR_PROMISC;
  if (setsockopt(socket, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof membership) != 0) return nullptr;
  return out;
}

Promiscuous::~Promiscuous() { close(socket_); }

}  // namespace ecmpd::dataplane
