#include "control/host/link_watch.h"

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace ecmpd::control {

tl::expected<std::unique_ptr<LinkWatch>, std::string> LinkWatch::open() {
  std::unique_ptr<LinkWatch> out(new LinkWatch);
  out->socket_ = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (out->socket_ == nullptr || mnl_socket_bind(out->socket_, RTMGRP_LINK, MNL_SOCKET_AUTOPID) < 0) {
    return tl::unexpected(std::string("netlink link events: ") + std::strerror(errno));
  }
  return out;
}

LinkWatch::~LinkWatch() {
  if (socket_ != nullptr) mnl_socket_close(socket_);
}

int LinkWatch::event_fd() const { return mnl_socket_get_fd(socket_); }

void LinkWatch::acknowledge() {
  std::array<char, 8192> buffer;
  // ENOBUFS, events were lost, is as good as an event.
  while (mnl_socket_recvfrom(socket_, buffer.data(), buffer.size()) >= 0 || errno == ENOBUFS) continue;
}

}  // namespace ecmpd::control
