#include "control/io/tcp_listener.h"

#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "control/io/tcp_md5.h"
#include "control/log.h"

namespace ecmpd::control {
namespace {

constexpr int kBacklog = 1024;       // a rack of nodes that comes back at once
constexpr int kAcceptsPerCall = 32;  // so that a flood of connections leaves room for the sessions

socklen_t to_sockaddr(const hash::IpAddress& address, uint16_t port, sockaddr_storage& out) {
  out = {};
  if (address.is_v4()) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(out);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&v4.sin_addr, address.bytes(), 4);
    return sizeof v4;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(out);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  std::memcpy(&v6.sin6_addr, address.bytes(), 16);
  return sizeof v6;
}

void from_sockaddr(const sockaddr_storage& from, hash::IpAddress& address, uint16_t& port) {
  if (from.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
    address = hash::IpAddress::v4(ntohl(v4.sin_addr.s_addr));
    port = ntohs(v4.sin_port);
  } else {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
    address = hash::IpAddress::v6(v6.sin6_addr.s6_addr);
    port = ntohs(v6.sin6_port);
  }
}

}  // namespace

std::string endpoint_text(const hash::IpAddress& address, uint16_t port) {
  return fmt::format(fmt::runtime(address.is_v4() ? "{}:{}" : "[{}]:{}"), address.to_string(), port);
}

TcpListener::TcpListener(Reactor& reactor, int fd, Accepted accepted)
    : reactor_(reactor), fd_(fd), accepted_(std::move(accepted)) {}

TcpListener::~TcpListener() {
  watch_.cancel();
  ::close(fd_);
}

tl::expected<std::unique_ptr<TcpListener>, std::string> TcpListener::open(Reactor& reactor,
                                                                          const hash::IpAddress& address, uint16_t port,
                                                                          std::vector<TcpKey> keys, Accepted accepted) {
  const auto problem = [&](std::string_view what) {
    return tl::unexpected(fmt::format("{} {}: {}", what, endpoint_text(address, port), std::strerror(errno)));
  };
  const int family = address.is_v4() ? AF_INET : AF_INET6;
  const int fd = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return problem("socket for");
  std::unique_ptr<TcpListener> listener(new TcpListener(reactor, fd, std::move(accepted)));
  const int on = 1;
  (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (!address.is_v4()) (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  sockaddr_storage local;
  socklen_t size = to_sockaddr(address, port, local);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&local), size) != 0) return problem("cannot bind");
  if (auto set = listener->set_keys(std::move(keys)); !set) return tl::unexpected(set.error());
  if (::listen(fd, kBacklog) != 0) return problem("cannot listen on");
  size = sizeof local;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&local), &size) != 0) return problem("cannot name");
  hash::IpAddress ignored;
  from_sockaddr(local, ignored, listener->port_);
  listener->watch();
  return listener;
}

void TcpListener::watch() {
  watch_ = reactor_.on_readable(fd_, [this] { accept_some(); });
}

void TcpListener::accept_some() {
  for (int i = 0; i < kAcceptsPerCall; ++i) {
    sockaddr_storage from;
    socklen_t size = sizeof from;
    const int fd = accept4(fd_, reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      hash::IpAddress peer;
      uint16_t port = 0;
      from_sockaddr(from, peer, port);
      accepted_(fd, peer, port);
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // The connection stays in the backlog and the socket readable: look again later instead of spinning.
      log::error("bgp", "cannot accept a connection: {}", std::strerror(errno));
      watch_.cancel();
      pause_ = reactor_.after(std::chrono::milliseconds(200), [this] { watch(); });
      return;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    // Anything else belongs to one connection that failed before it was accepted (accept(2)).
  }
}

tl::expected<void, std::string> TcpListener::set_keys(std::vector<TcpKey> keys) {
  for (const TcpKey& old : keys_) {
    const bool stays = std::any_of(keys.begin(), keys.end(), [&](const TcpKey& key) { return key.peers == old.peers; });
    if (!stays) (void)set_tcp_md5(fd_, old.peers, {});
  }
  for (const TcpKey& key : keys) {
    if (std::find(keys_.begin(), keys_.end(), key) != keys_.end()) continue;
    if (auto set = set_tcp_md5(fd_, key.peers, key.password); !set) return set;
  }
  keys_ = std::move(keys);
  return {};
}

}  // namespace ecmpd::control
