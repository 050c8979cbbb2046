// A listening TCP socket whose connections are handed over as descriptors. Control thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "control/io/reactor.h"
#include "hash/address.h"

namespace ecmpd::control {

/// A key for everybody in a range.
struct TcpKey {
  hash::Prefix peers;
  std::string password;
  bool operator==(const TcpKey&) const = default;
};

class TcpListener {
 public:
  /// `fd` is connected, non-blocking and the callee's to close.
  using Accepted = std::function<void(int fd, const hash::IpAddress& peer, uint16_t peer_port)>;

  /// Binds, installs the keys, and only then listens: no connection slips in without its key. `port` 0: any free one.
  static tl::expected<std::unique_ptr<TcpListener>, std::string> open(Reactor& reactor, const hash::IpAddress& address,
                                                                      uint16_t port, std::vector<TcpKey> keys,
                                                                      Accepted accepted);
  ~TcpListener();
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;

  uint16_t port() const { return port_; }
  /// Keys that are gone are removed, new and changed ones installed. Connections that are open keep theirs.
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

/// "10.0.1.11:34567"
std::string endpoint_text(const hash::IpAddress& address, uint16_t port);

}  // namespace ecmpd::control
