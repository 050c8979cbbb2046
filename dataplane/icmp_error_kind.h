// The ICMP errors that the router originates, whatever the family. Any thread.
#pragma once

#include <cstdint>

namespace ecmpd::dataplane {

//                  IPv4 (RFC 792, 1812)                         IPv6 (RFC 4443)
enum class IcmpErrorKind : uint8_t {
  kTimeExceeded,  // time exceeded in transit                    hop limit exceeded in transit
  kNoRoute,       // network unreachable                         no route to destination
  kUnreachable,   // host unreachable                            address unreachable
  kTooBig,        // fragmentation needed, with the MTU          packet too big
  kBeyondScope,   // none                                        beyond scope of source address
};
inline constexpr unsigned kIcmpErrorKindCount = 5;

}  // namespace ecmpd::dataplane
