#include "dataplane/kernel_interface.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

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

int set_kernel_mtu(const std::string& interface, uint16_t mtu) {
  ifreq request{};
  request.ifr_mtu = mtu;
  return ask_kernel(interface, SIOCSIFMTU, request);
}

}  // namespace ecmpd::dataplane
