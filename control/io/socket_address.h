// IP addresses as the socket calls take them. Control thread.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "hash/address.h"

namespace ecmpd::control {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

/// Where a socket is, or is to go.
struct Endpoint {
  hash::IpAddress address;  // a link-local one without a zone:
  uint16_t port = 0;
  unsigned interface = 0;  // the kernel's index for its link is here; 0 for other addresses
};

/// A zone in the address is left out.
SocketAddress to_socket(const Endpoint& endpoint);
Endpoint from_socket(const SocketAddress& address);

/// "10.0.1.11:34567", "[fd00::1]:179"
std::string endpoint_text(const hash::IpAddress& address, uint16_t port);

}  // namespace ecmpd::control
