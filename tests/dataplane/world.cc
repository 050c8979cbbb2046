#include "tests/dataplane/world.h"

#include "tests/dataplane/packet6.h"

namespace ecmpd::dataplane::test {

namespace {

World make() {
  World out;
  for (unsigned n = 0; n < 5; ++n) {
    const std::string number = std::to_string(n);
    const uint16_t mtu = n == 0 ? 9000 : n == 4 ? 1280 : 1500;
    out.ports.push_back({"p" + number, mtu, {"10.0." + number + ".1/24", port_address6(n) + "/64"}});
    const unsigned mac = n == 0 ? 99 : n;
    const std::string host = n == 0 ? "99" : "11";
    out.hosts.push_back({"10.0." + number + "." + host, n, mac});
    out.hosts.push_back({(n == 0 ? "fd00::" : "fd00:" + number + "::") + host, n, mac});
  }
  const std::vector<std::string> members{"10.0.1.11", "10.0.2.11", "10.0.3.11"};
  const std::vector<std::string> members6{"fd00:1::11", "fd00:2::11", "fd00:3::11"};
  out.routes = {
      {"203.0.113.0/24", members},         // the service
      {"203.0.114.0/24", members6},        // one over IPv6 nexthops
      {"198.51.100.0/24", {"10.0.1.11"}},  // a single way
      {"198.18.0.0/15", {"10.0.4.11"}},    // behind the narrow port
      {"192.0.2.0/24", {"10.0.1.250"}},    // a nexthop that does not answer
      {"10.0.9.0/24", {"10.0.0.99"}},      // the clients
      {"2001:db8:113::/48", members6},      {"2001:db8:51::/48", {"fd00:1::11"}}, {"2001:db8:4::/48", {"fd00:4::11"}},
      {"2001:db8:2::/48", {"fd00:1::250"}}, {"2001:db8:9::/48", {"fd00::99"}},
  };
  out.sessions = {"10.0.1.0/24", "fd00:1::/64"};
  return out;
}

}  // namespace

const World& world() {
  static const World kWorld = make();
  return kWorld;
}

}  // namespace ecmpd::dataplane::test
