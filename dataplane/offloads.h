// What a port asks of its device: the wanted offloads, as far as the device has them.
//
// A pure function of what the device says of itself. Nothing here is needed: the data plane does without whatever is
// clamped, and each clamp is a line for the log. The RSS value only picks the queue, and with it the lcore; it never
// takes part in the choice of a member. Control thread.
#pragma once

#include <rte_ethdev.h>

#include <string>
#include <vector>

#include "dataplane/port_spec.h"

namespace ecmpd::dataplane {

struct Offloads {
  rte_eth_conf conf{};
  std::vector<std::string> clamps;
};

/// `info` is what rte_eth_dev_info_get() says of the device.
Offloads choose_offloads(const rte_eth_dev_info& info, const PortSpec& spec, unsigned queues);

}  // namespace ecmpd::dataplane
