// OPEN (RFC 4271 section 4.2).
//
// Both the classic and the extended form of the optional parameters (RFC 9072) are read; only the classic form is
// sent, because there are speakers that end the session on anything else. What is in them is in capabilities.h. Pure
// and total.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "control/bgp/families.h"
#include "control/bgp/graceful_restart.h"
#include "control/bgp/notification.h"
#include "control/bgp/wire.h"

namespace ecmpd::control::bgp {

inline constexpr uint16_t kAsTrans = 23456;  // RFC 6793: stands for an AS number that needs four octets

struct OpenMessage {
  uint32_t asn = 0;        // with the four-octet capability applied
  uint16_t hold_time = 0;  // seconds
  uint32_t router_id = 0;  // host byte order
  std::vector<FamilyId> families{};
  bool four_octet_as = false;
  bool extended_message = false;  // RFC 8654
  bool route_refresh = false;     // RFC 2918
  bool ipv6_nexthops = false;     // of IPv4 unicast prefixes (RFC 8950)
  FamilySet add_path_send{};      // RFC 7911: in these the sender of this message can send path identifiers
  FamilySet add_path_receive{};   // and take them
  GracefulRestart graceful_restart{};
  std::string hostname{};                   // draft-walton-bgp-hostname-capability, as FRR sends it
  std::vector<uint8_t> capability_codes{};  // every capability received, in order, without repeats
  bool operator==(const OpenMessage&) const = default;

  /// Of those that we route. Without any multiprotocol capability a session is for IPv4 unicast (RFC 4760 section 8).
  FamilySet routed_families() const;
};

/// Checks everything that needs no knowledge of the peer: version, hold time (0 or at least 3), a BGP identifier and
/// an AS that are not 0, well-formed parameters.
Result<OpenMessage> decode_open(Bytes body);

/// The whole message; hostname and capability_codes are not sent.
std::vector<uint8_t> encode_open(const OpenMessage& open);

}  // namespace ecmpd::control::bgp
