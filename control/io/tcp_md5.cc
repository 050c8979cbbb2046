#include "control/io/tcp_md5.h"

#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "control/io/socket_address.h"

namespace ecmpd::control {

tl::expected<void, std::string> set_tcp_md5(int fd, const hash::Prefix& peers, std::string_view password) {
  if (password.size() > TCP_MD5SIG_MAXKEYLEN) {
    return tl::unexpected(fmt::format("a TCP MD5 password has at most {} bytes", TCP_MD5SIG_MAXKEYLEN));
  }
  tcp_md5sig request{};
  const SocketAddress address = to_socket({.address = peers.address()});
  std::memcpy(&request.tcpm_addr, &address.storage, address.size);
  request.tcpm_flags = TCP_MD5SIG_FLAG_PREFIX;
  request.tcpm_prefixlen = peers.length();
  request.tcpm_keylen = static_cast<uint16_t>(password.size());
  std::copy(password.begin(), password.end(), request.tcpm_key);
  if (setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG_EXT, &request, sizeof request) == 0) return {};
  if (password.empty() && errno == ENOENT) return {};
  return tl::unexpected(fmt::format("TCP MD5 key for {}: {}", peers.to_string(), std::strerror(errno)));
}

}  // namespace ecmpd::control
