// Which port an address belongs to, for the parts that name hosts on the ports' subnets. Control thread.
#pragma once

#include <string>
#include <vector>

#include "control/config/config.h"

namespace ecmpd::control {

/// True when a port has this very address.
bool is_own_address(const std::vector<PortConfig>& ports, const IpAddress& address);
/// The port whose subnet holds `address`, and that subnet; the port is null when none does.
struct Attachment {
  const PortConfig* port = nullptr;
  Prefix subnet;
};
Attachment attachment_of(const std::vector<PortConfig>& ports, const IpAddress& address);
/// "10.0.1.0/24 (node1), 10.0.2.0/24 (node2)": the subnets of one family, the first few of them.
std::string list_subnets(const std::vector<PortConfig>& ports, hash::Family family);

}  // namespace ecmpd::control
