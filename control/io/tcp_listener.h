// A listening TCP socket whose connections are handed over as descriptors. Control thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "control/io/reactor.h"
#include "control/io/socket_address.h"
#include "control/io/tcp_keys.h"
#include "hash/address.h"

namespace ecmpd::control {

class TcpListener {
 public:
  /// `fd` is connected, non-blocking and the callee's to close.
  using Accepted = std::function<void(int fd, const Endpoint& peer)>;

  /// Binds, installs the keys, and only then listens: no connection slips in without its key. `port` 0: any free one.
  /// Answers with the highest TTL, which a peer that demands it (RFC 5082) sees before the connection has an owner.
  static tl::expected<std::unique_ptr<TcpListener>, std::string> open(Reactor& reactor, const hash::IpAddress& address,
                                                                      uint16_t port, std::vector<TcpKey> keys,
                                                                      Accepted accepted);
  ~TcpListener();
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;

  uint16_t port() const { return port_; }
  /// Keys that are gone are removed, new and changed ones installed. Connections that are open keep theirs. An error
  /// leaves all as they were.
  tl::expected<void, std::string> set_keys(std::vector<TcpKey> keys);

 private:
  TcpListener(Reactor& reactor, int fd, Accepted accepted);
  void watch();
  void accept_some();

  Reactor& reactor_;
  int fd_;
  uint16_t port_ = 0;
  std::vector<TcpKey> keys_;
  Accepted accepted_;
  Handle watch_;
  Handle pause_;
};

}  // namespace ecmpd::control
