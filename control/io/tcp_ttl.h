// The TTL, or hop limit, of a TCP socket: how far its segments go, and from how far they may come (GTSM, RFC 5082).
// Control thread.
#pragma once

#include <cstdint>

namespace ecmpd::control {

struct TcpTtl {
  uint8_t sent = 0;     // 0: the system's default
  uint8_t minimum = 0;  // the kernel drops what arrives with less; 0: nothing
  bool operator==(const TcpTtl&) const = default;
};

/// RFC 5082 section 3: sent with 255, accepted over at most `hops` hops (1: from the link itself).
constexpr TcpTtl ttl_security(uint8_t hops) { return {.sent = 255, .minimum = static_cast<uint8_t>(256 - hops)}; }

/// Of either family. False when the kernel refuses.
bool set_ttl(int fd, bool v4, const TcpTtl& ttl);

}  // namespace ecmpd::control
