// UPDATE messages that we send (RFC 4271 section 4.3, RFC 4760): announcements that share attributes, and withdrawals.
//
// Whole messages, each at most as long as the session allows; as many as it takes. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "control/bgp/attributes.h"
#include "control/bgp/families.h"

namespace ecmpd::control::bgp {

struct EncoderContext {
  bool four_octet_as = true;  // else AS_TRANS and AS4_PATH (RFC 6793)
  bool ebgp = true;           // else with LOCAL_PREF
  size_t longest = 4096;      // 65535 with extended messages (RFC 8654)
  /// Beside an IPv6 nexthop (RFC 2545 section 3); without a zone.
  std::optional<hash::IpAddress> link_local{};
};

/// `prefixes` are of one family, that of `attributes.next_hop`. Empty if the attributes do not fit into a message (RFC
/// 4271 section 9.2: then they are not announced).
std::vector<uint8_t> encode_announcements(const EncoderContext& context, const PathAttributes& attributes,
                                          std::span<const hash::Prefix> prefixes);
/// `prefixes` are of `family`.
std::vector<uint8_t> encode_withdrawals(const EncoderContext& context, Family family,
                                        std::span<const hash::Prefix> prefixes);

}  // namespace ecmpd::control::bgp
