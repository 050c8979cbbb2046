#include "dataplane/xdp_mode.h"

#include <linux/if_xdp.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <string>
#include <system_error>

#ifndef SOL_XDP
#define SOL_XDP 283
#endif

namespace ecmpd::dataplane {

std::set<int> xdp_sockets() {
  std::set<int> out;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", ignored)) {
    const std::string name = entry.path().filename();
    int fd = -1;
    std::from_chars(name.data(), name.data() + name.size(), fd);
    int domain = 0;
    socklen_t length = sizeof domain;
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && domain == AF_XDP) out.insert(fd);
  }
  return out;
}

bool zero_copy(const std::set<int>& sockets) {
  return std::all_of(sockets.begin(), sockets.end(), [](int fd) {
    xdp_options options{};
    socklen_t length = sizeof options;
    return getsockopt(fd, SOL_XDP, XDP_OPTIONS, &options, &length) == 0 && (options.flags & XDP_OPTIONS_ZEROCOPY) != 0;
  });
}

}  // namespace ecmpd::dataplane
