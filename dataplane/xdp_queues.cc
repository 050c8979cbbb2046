#include "dataplane/xdp_queues.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace ecmpd::dataplane {

unsigned xdp_queues(const std::string& interface) {
  const int probe = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return 1;
  ethtool_channels channels{};
  channels.cmd = ETHTOOL_GCHANNELS;
  ifreq request{};
  std::strncpy(request.ifr_name, interface.c_str(), IFNAMSIZ - 1);
  request.ifr_data = reinterpret_cast<char*>(&channels);
  // As net_af_xdp counts them: only combined channels, of which one that exists now carries traffic.
  const bool known = ioctl(probe, SIOCETHTOOL, &request) == 0;
  close(probe);
  return known ? std::max(1u, channels.combined_count) : 1;
}

}  // namespace ecmpd::dataplane
