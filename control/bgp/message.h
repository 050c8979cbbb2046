// The message header (RFC 4271 section 4.1), and finding messages in a stream of bytes.
//
// Pure and total: any bytes give a message, "not complete yet", or the NOTIFICATION that they deserve.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "control/bgp/notification.h"
#include "control/bgp/wire.h"

namespace ecmpd::control::bgp {

enum class MessageType : uint8_t { kOpen = 1, kUpdate = 2, kNotification = 3, kKeepalive = 4, kRouteRefresh = 5 };
inline constexpr size_t kMessageTypes = 5;
std::string_view to_string(MessageType type);

inline constexpr size_t kHeaderSize = 19;
inline constexpr size_t kMaximumMessage = 4096;
/// RFC 8654. We accept it from every peer, also without the capability: there are nodes that send all withdrawals of
/// a change in one message and never negotiate, and refusing that would lose all of the node's routes.
inline constexpr size_t kMaximumExtendedMessage = 65535;

struct Frame {
  MessageType type;
  Bytes body;     // without the header
  size_t size;    // with it
  Bytes message;  // the same, whole
};

/// The first message of `bytes`; nullopt when it is not complete. A bad header is found as soon as its 19 bytes are
/// there.
Result<std::optional<Frame>> next_frame(Bytes bytes);

std::vector<uint8_t> encode_message(MessageType type, Bytes body);
std::vector<uint8_t> encode_keepalive();

}  // namespace ecmpd::control::bgp
