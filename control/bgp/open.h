// OPEN (RFC 4271 section 4.2) with its capabilities (RFC 5492).
//
// Both the classic and the extended form of the optional parameters (RFC 9072) are read; only the classic form is
// sent, because there are speakers that end the session on anything else. Unknown capabilities are kept by number for
// display and otherwise ignored. Pure and total.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/bgp/families.h"
#include "control/bgp/notification.h"
#include "control/bgp/wire.h"

namespace ecmpd::control::bgp {

inline constexpr uint16_t kAsTrans = 23456;  // RFC 6793: stands for an AS number that needs four octets

namespace capability {
inline constexpr uint8_t kMultiprotocol = 1, kRouteRefresh = 2, kExtendedMessage = 6, kGracefulRestart = 64,
                         kFourOctetAs = 65, kFqdn = 73;
}
struct OpenMessage {
  uint32_t asn = 0;        // with the four-octet capability applied
  uint16_t hold_time = 0;  // seconds
  uint32_t router_id = 0;  // host byte order
  std::vector<FamilyId> families{};
  bool four_octet_as = false;
  bool extended_message = false;
  std::string hostname{};                   // draft-walton-bgp-hostname-capability, as FRR sends it
  std::vector<uint8_t> capability_codes{};  // every capability received, in order, without repeats
  bool operator==(const OpenMessage&) const = default;

  /// Without any multiprotocol capability a session is for IPv4 unicast (RFC 4760 section 8).
  bool ipv4_unicast() const;
};

/// Checks everything that needs no knowledge of the peer: version, hold time (0 or at least 3), a BGP identifier and
/// an AS that are not 0, well-formed parameters.
Result<OpenMessage> decode_open(Bytes body);

/// The whole message: asn, hold_time, router_id, families, four_octet_as and extended_message are used.
std::vector<uint8_t> encode_open(const OpenMessage& open);

}  // namespace ecmpd::control::bgp
