// One TCP connection of a session, hiding asio: bytes in as events, bytes out queued, closed without losing the last
// message.
//
// Control thread. Events come from the event loop, never from inside a call; none comes after close() or destruction.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "control/io/reactor.h"
#include "control/io/socket_address.h"
#include "control/io/tcp_ttl.h"

namespace ecmpd::control {

class TcpConnection {
 public:
  struct Events {
    std::function<void()> connected;  // of connect() only
    std::function<void(std::span<const uint8_t>)> received;
    std::function<void(std::string_view reason)> closed;  // also: could not connect
  };

  struct Options {
    std::string password{};  // TCP MD5; empty: none. An accepted connection has its listener's.
    TcpTtl ttl{};
  };

  /// Takes over an accepted descriptor.
  TcpConnection(Reactor& reactor, int fd, const Options& options, Events events);
  /// Connects.
  TcpConnection(Reactor& reactor, const Endpoint& peer, const Options& options, Events events);
  /// Closes at once.
  ~TcpConnection();

  /// Starts reading, or connecting.
  void start();
  /// Never blocks. A peer that takes nothing is closed when too much waits for him.
  void send(std::span<const uint8_t> bytes);
  /// Sends what is queued and the FIN, waits briefly for the peer's, then calls `finished`. Closing with bytes of the
  /// peer unread would reset the connection and take the last NOTIFICATION away from him.
  static void close(std::unique_ptr<TcpConnection> connection, std::function<void()> finished);
  /// Give the connection up when the peer acknowledges nothing for so long.
  void set_user_timeout(std::chrono::milliseconds timeout);
  bool input_pending() const;
  /// Without a zone; nothing before the connection is there.
  std::optional<hash::IpAddress> local_address() const;
  std::string local_endpoint() const;
  std::string remote_endpoint() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ecmpd::control
