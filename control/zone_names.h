// Link-local addresses as people write them: "fe80::b%node1", with the name of the port for the zone (RFC 4007 section
// 11), as log lines and answers without a column for the port have them.
//
// The daemon names the zones once, before other threads and sessions start; ports change with a restart only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hash/address.h"

namespace ecmpd::control {

/// The names of zones 1, 2, ...
void name_zones(std::vector<std::string> ports);
/// As IpAddress::to_string(), which has the zone's number instead; that stands here too for a zone without a name.
std::string zoned_text(const hash::IpAddress& address);
/// The inverse; an address without a zone may be any. Nothing for a name that no zone has.
std::optional<hash::IpAddress> parse_zoned(std::string_view text);

}  // namespace ecmpd::control
