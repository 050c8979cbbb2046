#include "control/io/tcp_ttl.h"

#include <netinet/in.h>
#include <sys/socket.h>

namespace ecmpd::control {

bool set_ttl(int fd, bool v4, const TcpTtl& ttl) {
  const int sent = ttl.sent == 0 ? -1 : ttl.sent;
  const int minimum = ttl.minimum;
  const int level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
  return setsockopt(fd, level, v4 ? IP_TTL : IPV6_UNICAST_HOPS, &sent, sizeof sent) == 0 &&
         // A new socket has no minimum, and an emulated kernel may not know of any.
         (minimum == 0 || setsockopt(fd, level, v4 ? IP_MINTTL : IPV6_MINHOPCOUNT, &minimum, sizeof minimum) == 0);
}

}  // namespace ecmpd::control
