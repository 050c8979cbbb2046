// The keys of [[neighbor]] and [[listen]] that are about the session itself, and a neighbor's address with its link.
// Control thread.
#pragma once

#include <optional>
#include <vector>

#include "control/config/config.h"
#include "control/config/reader.h"

namespace ecmpd::control {

void read_session_options(const Table& table, SessionOptions& out);
/// The neighbor's `address`; a link-local one gets the zone of the port that `port` names.
std::optional<IpAddress> read_neighbor_address(const Table& table, const std::vector<PortConfig>& ports);

}  // namespace ecmpd::control
