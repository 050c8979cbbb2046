#include "control/io/socket_address.h"

#include <fmt/core.h>
#include <netinet/in.h>

#include <cstring>

namespace ecmpd::control {

SocketAddress to_socket(const Endpoint& endpoint) {
  SocketAddress out;
  const hash::IpAddress address = endpoint.address.without_zone();
  if (address.is_v4()) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(out.storage);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    std::memcpy(&v4.sin_addr, address.bytes(), 4);
    out.size = sizeof v4;
    return out;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(out.storage);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(endpoint.port);
  v6.sin6_scope_id = endpoint.interface;
  std::memcpy(&v6.sin6_addr, address.bytes(), 16);
  out.size = sizeof v6;
  return out;
}

Endpoint from_socket(const SocketAddress& address) {
  Endpoint out;
  if (address.storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address.storage);
    out.address = hash::IpAddress::v4(ntohl(v4.sin_addr.s_addr));
    out.port = ntohs(v4.sin_port);
  } else {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address.storage);
    out.address = hash::IpAddress::v6(v6.sin6_addr.s6_addr);
    out.port = ntohs(v6.sin6_port);
    out.interface = v6.sin6_scope_id;
  }
  return out;
}

std::string endpoint_text(const hash::IpAddress& address, uint16_t port) {
  return fmt::format(fmt::runtime(address.is_v4() ? "{}:{}" : "[{}]:{}"), address.to_string(), port);
}

}  // namespace ecmpd::control
