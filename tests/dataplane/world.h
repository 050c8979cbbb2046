// The router of the packet cases as data: ports, hosts and routes, for the stages in process and for a daemon alike.
//
// Port 0 is the clients', with jumbo frames; 1 to 3 are those of the service's members; port 4 has IPv6's least MTU.
// Port N has the addresses 10.0.N.1/24 and fd00:N::1/64 (packet6.h), and the MAC addresses of packet.h. Everything
// else of the prefixes of a port is unknown, and 10.0.1.250 and fd00:1::250 never answer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ecmpd::dataplane::test {

inline constexpr uint64_t kSeed = 7;  // of the hash and of the bucket tables

struct WorldPort {
  std::string name;
  uint16_t mtu;
  std::vector<std::string> addresses;  // with the length of their subnet
};

struct WorldHost {
  std::string address;
  unsigned port;
  unsigned neighbor;  // its MAC address is neighbor_mac(neighbor)
};

struct WorldRoute {
  std::string prefix;
  std::vector<std::string> nexthops;  // of equal weight; hosts, or addresses that nobody has
};

struct World {
  std::vector<WorldPort> ports;
  std::vector<WorldHost> hosts;
  std::vector<WorldRoute> routes;
  std::vector<std::string> sessions;  // ranges from which BGP sessions come
};

const World& world();

}  // namespace ecmpd::dataplane::test
