#include "control/config/live.h"

#include <algorithm>

#include "hash/random.h"

namespace ecmpd::control {
namespace {

class Zones {
 public:
  Zones(const Config& running, const Config& wanted) : running_(running), wanted_(wanted) {}

  /// The address as the running router knows it; nothing when it is on a port that does not run.
  std::optional<IpAddress> translate(const IpAddress& address) const {
    if (address.zone() == 0) return address;
    const std::string& name = wanted_.ports.at(port_of_zone(address.zone())).name;
    for (size_t i = 0; i < running_.ports.size(); ++i) {
      if (running_.ports[i].name == name) return address.with_zone(zone_of_port(i));
    }
    return std::nullopt;
  }

 private:
  const Config& running_;
  const Config& wanted_;
};

template <typename T, typename Same>
const T* find_same(const std::vector<T>& running, Same same) {
  const auto found = std::find_if(running.begin(), running.end(), same);
  return found == running.end() ? nullptr : &*found;
}

bool has_port(const Config& config, const std::string& name) {
  return std::any_of(config.ports.begin(), config.ports.end(), [&](const PortConfig& p) { return p.name == name; });
}

}  // namespace

uint64_t default_seed(uint32_t router_id) {
  uint64_t state = router_id;
  return hash::splitmix64(state) >> 1;  // TOML's integers have 63 bits
}

Config live_config(const Config& running, const Config& wanted) {
  Config out = wanted;
  out.router = running.router;
  out.dataplane = running.dataplane;
  out.ports = running.ports;
  out.api_socket = running.api_socket;
  out.ecmp.state_file = running.ecmp.state_file;
  const bool new_id = running.router.router_id != wanted.router.router_id;
  if (new_id && wanted.ecmp.seed == default_seed(wanted.router.router_id)) out.ecmp.seed = running.ecmp.seed;

  const Zones zones(running, wanted);
  out.routes.clear();
  for (StaticRouteConfig route : wanted.routes) {
    bool known = true;
    for (StaticNexthop& nexthop : route.nexthops) {
      const auto here = zones.translate(nexthop.via);
      known &= here.has_value();
      nexthop.via = here.value_or(nexthop.via);
    }
    if (known) {
      out.routes.push_back(std::move(route));
    } else if (const auto* old = find_same(running.routes, [&](const auto& r) { return r.prefix == route.prefix; })) {
      out.routes.push_back(*old);
    }
  }
  out.neighbors.clear();
  for (NeighborConfig neighbor : wanted.neighbors) {
    const auto here = zones.translate(neighbor.address);
    if (!here) continue;
    neighbor.address = *here;
    out.neighbors.push_back(std::move(neighbor));
  }
  out.neighbor_entries.clear();
  for (NeighborEntryConfig entry : wanted.neighbor_entries) {
    if (!has_port(running, entry.port)) continue;
    entry.address = zones.translate(entry.address).value_or(entry.address);
    out.neighbor_entries.push_back(std::move(entry));
  }
  return out;
}

}  // namespace ecmpd::control
