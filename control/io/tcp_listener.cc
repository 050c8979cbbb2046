#include "control/io/tcp_listener.h"

#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>

#include "control/io/tcp_md5.h"
#include "control/io/tcp_ttl.h"
#include "control/log.h"

namespace ecmpd::control {
namespace {

constexpr int kBacklog = 4096;       // every dynamic peer that there may be, all coming back at once
constexpr int kAcceptsPerCall = 32;  // so that a flood of connections leaves room for the sessions

}  // namespace

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
  (void)set_ttl(fd, address.is_v4(), {.sent = 255});
  SocketAddress local = to_socket({.address = address, .port = port});
  if (::bind(fd, local.get(), local.size) != 0) {
    const bool taken = errno == EADDRINUSE;
    auto failed = problem("cannot bind");
    if (taken) failed.value() += ": does another BGP daemon run here? It has to be stopped first";
    return failed;
  }
  if (auto set = listener->set_keys(std::move(keys)); !set) return tl::unexpected(set.error());
  if (::listen(fd, kBacklog) != 0) return problem("cannot listen on");
  if (getsockname(fd, local.get(), &local.size) != 0) return problem("cannot name");
  listener->port_ = from_socket(local).port;
  listener->watch();
  return listener;
}

void TcpListener::watch() {
  watch_ = reactor_.on_readable(fd_, [this] { accept_some(); });
}

void TcpListener::accept_some() {
  for (int i = 0; i < kAcceptsPerCall; ++i) {
    SocketAddress from;
    from.size = sizeof from.storage;
    const int fd = accept4(fd_, from.get(), &from.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      accepted_(fd, from_socket(from));
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
  // New ones first: the longest prefix counts, so that at no moment a peer is without its key.
  const auto is_set = [this](const TcpKey& key) { return std::find(keys_.begin(), keys_.end(), key) != keys_.end(); };
  for (size_t i = 0; i < keys.size(); ++i) {
    if (is_set(keys[i])) continue;
    auto set = set_tcp_md5(fd_, keys[i].peers, keys[i].password);
    if (set) continue;
    // As it was: without those that are new, with the old password of those that had another.
    for (const TcpKey& undone : std::span(keys).first(i)) {
      if (!is_set(undone)) (void)set_tcp_md5(fd_, undone.peers, {});
    }
    for (const TcpKey& old : keys_) (void)set_tcp_md5(fd_, old.peers, old.password);
    return set;
  }
  for (const TcpKey& old : keys_) {
    const bool stays = std::any_of(keys.begin(), keys.end(), [&](const TcpKey& key) { return key.peers == old.peers; });
    if (!stays) (void)set_tcp_md5(fd_, old.peers, {});
  }
  keys_ = std::move(keys);
  return {};
}

}  // namespace ecmpd::control
