// The parts of a configuration file, in the order in which they are read: each fills its part of Config and reports
// what is wrong. Later parts look at earlier ones (a nexthop lies in a port's subnet), so the order counts. Control
// thread.
#pragma once

#include <string>
#include <vector>

#include "control/config/config.h"
#include "control/config/reader.h"

namespace ecmpd::control {

void read_router(const Item& root, RouterConfig& out);
void read_dataplane(const Item& root, const std::vector<unsigned>& cpus, DataplaneConfig& out);
void read_ports(const Item& root, std::vector<PortConfig>& out);
void read_ecmp(const Item& root, uint32_t router_id, EcmpConfig& out);
void read_api(const Item& root, std::string& socket);
void read_routes(const Item& root, const std::vector<PortConfig>& ports, std::vector<StaticRouteConfig>& out);
void read_neighbor_entries(const Item& root, const std::vector<PortConfig>& ports,
                           std::vector<NeighborEntryConfig>& out);
void read_neighbors(const Item& root, const std::vector<PortConfig>& ports, std::vector<NeighborConfig>& out);
void read_listens(const Item& root, std::vector<ListenConfig>& out);

}  // namespace ecmpd::control
