// The forwarding state of the world (world.h), published as the daemon publishes it: the same groups, tables and
// direct routes, so that a packet takes the same way here and there.
#pragma once

#include <vector>

#include "dataplane/port.h"
#include "dataplane/port_addresses.h"
#include "dataplane/publisher.h"

namespace ecmpd::dataplane::test {

/// What workers know of the world's ports. The MAC address of port N is port_mac(N).
std::vector<PortFacts> world_ports();
PortAddresses world_addresses();

/// Hash settings of the five-tuple, priority traffic, addresses, adjacencies, groups and routes.
void publish_world(Publisher& publisher);

}  // namespace ecmpd::dataplane::test
