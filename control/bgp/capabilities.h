// Capabilities (RFC 5492): what two speakers tell each other in their OPEN messages that they can do.
//
// A capability that we do not know, or whose content we can do without, is kept by number for display and otherwise
// ignored. Pure and total.
#pragma once

#include <cstdint>
#include <vector>

#include "control/bgp/open.h"
#include "control/bgp/wire.h"

namespace ecmpd::control::bgp {

namespace capability {
inline constexpr uint8_t kMultiprotocol = 1, kRouteRefresh = 2, kExtendedNextHop = 5, kExtendedMessage = 6,
                         kGracefulRestart = 64, kFourOctetAs = 65, kAddPath = 69, kFqdn = 73;
}

/// Reads a list of capabilities into `open`. False when it is malformed: a length that runs past the end, or one that
/// does not fit a capability without which the session would be another.
bool decode_capabilities(Bytes list, OpenMessage& open);

/// The list that encode_open() sends.
std::vector<uint8_t> encode_capabilities(const OpenMessage& open);

/// The multiprotocol capabilities of these families, as a NOTIFICATION (Unsupported Capability) quotes them.
std::vector<uint8_t> encode_families(FamilySet families);

}  // namespace ecmpd::control::bgp
