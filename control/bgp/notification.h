// NOTIFICATION (RFC 4271 section 4.5): why a session ends, as a value that is also our error type for messages.
//
// Codes and subcodes are the IANA numbers, so that what we do not know passes through and is printed as a number. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "control/bgp/wire.h"

namespace ecmpd::control::bgp {

enum class ErrorCode : uint8_t {
  kMessageHeader = 1,
  kOpenMessage = 2,
  kUpdateMessage = 3,
  kHoldTimer = 4,
  kFsm = 5,
  kCease = 6,
  kRouteRefresh = 7,  // RFC 7313
};

namespace header_error {
inline constexpr uint8_t kNotSynchronized = 1, kBadLength = 2, kBadType = 3;
}
namespace open_error {
inline constexpr uint8_t kUnspecific = 0, kVersion = 1, kBadPeerAs = 2, kBadIdentifier = 3, kOptionalParameter = 4,
                         kHoldTime = 6, kUnsupportedCapability = 7;
}
namespace update_error {
inline constexpr uint8_t kMalformedAttributeList = 1, kMissingWellKnown = 3, kAttributeFlags = 4, kAttributeLength = 5,
                         kInvalidOrigin = 6, kInvalidNextHop = 8, kOptionalAttribute = 9, kInvalidNetworkField = 10,
                         kMalformedAsPath = 11;
}
namespace fsm_error {  // RFC 6608
inline constexpr uint8_t kInOpenSent = 1, kInOpenConfirm = 2, kInEstablished = 3;
}
namespace cease {  // RFC 4486, RFC 8538
inline constexpr uint8_t kMaximumPrefixes = 1, kAdministrativeShutdown = 2, kPeerDeconfigured = 3,
                         kAdministrativeReset = 4, kConnectionRejected = 5, kOtherConfigurationChange = 6,
                         kCollisionResolution = 7, kOutOfResources = 8, kHardReset = 9;
}

struct Notification {
  ErrorCode code = ErrorCode::kCease;
  uint8_t subcode = 0;
  std::vector<uint8_t> data;
  bool operator==(const Notification&) const = default;

  /// "Cease/Administrative Shutdown (6/2)", with what a Hard Reset wraps, the shutdown communication, or the data in
  /// hex behind it.
  std::string to_string() const;
  /// "Cease/Administrative Shutdown".
  std::string name() const;
  /// RFC 9003, with control characters as "?"; empty: there is none.
  std::string shutdown_communication() const;
};

template <typename T>
using Result = tl::expected<T, Notification>;

inline tl::unexpected<Notification> failure(ErrorCode code, uint8_t subcode, std::vector<uint8_t> data = {}) {
  return tl::unexpected(Notification{code, subcode, std::move(data)});
}

/// RFC 8538 section 3.1: the same, with a word that no route is to survive it.
Notification hard_reset(const Notification& notification);
bool is_hard_reset(const Notification& notification);
/// What a Hard Reset wraps; the notification itself if it is none, or wraps nothing or again a Hard Reset.
Notification unwrapped(const Notification& notification);

/// Total: a body that is cut short (which RFC 4271 gives us no way to report) reads as code 0, subcode 0.
Notification decode_notification(Bytes body);
/// The whole message, header included.
std::vector<uint8_t> encode(const Notification& notification);

}  // namespace ecmpd::control::bgp
