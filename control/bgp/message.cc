#include "control/bgp/message.h"

#include <algorithm>
#include <cassert>

namespace ecmpd::control::bgp {
namespace {

constexpr size_t kMarkerSize = 16;

struct Limits {
  size_t minimum;
  size_t maximum;
};

// RFC 4271 section 6.1; RFC 8654 section 3 leaves OPEN and KEEPALIVE at 4096.
Limits limits(MessageType type) {
  switch (type) {
    case MessageType::kOpen:
      return {29, kMaximumMessage};
    case MessageType::kUpdate:
      return {23, kMaximumExtendedMessage};
    case MessageType::kNotification:
      return {21, kMaximumExtendedMessage};
    case MessageType::kKeepalive:
      return {kHeaderSize, kHeaderSize};
    case MessageType::kRouteRefresh:
      return {23, kMaximumExtendedMessage};
  }
  return {0, 0};
}

}  // namespace

std::string_view to_string(MessageType type) {
  switch (type) {
    case MessageType::kOpen:
      return "OPEN";
    case MessageType::kUpdate:
      return "UPDATE";
    case MessageType::kNotification:
      return "NOTIFICATION";
    case MessageType::kKeepalive:
      return "KEEPALIVE";
    case MessageType::kRouteRefresh:
      return "ROUTE-REFRESH";
  }
  return "unknown";
}

Result<std::optional<Frame>> next_frame(Bytes bytes) {
  if (bytes.size() < kHeaderSize) return std::nullopt;
  const Bytes marker = bytes.first(kMarkerSize);
  if (std::any_of(marker.begin(), marker.end(), [](uint8_t byte) { return byte != 0xff; })) {
    return failure(ErrorCode::kMessageHeader, header_error::kNotSynchronized);
  }
  const uint16_t size = load_u16(&bytes[kMarkerSize]);
  const uint8_t type = bytes[kMarkerSize + 2];
  if (type < 1 || type > kMessageTypes) return failure(ErrorCode::kMessageHeader, header_error::kBadType, {type});
  const Limits allowed = limits(static_cast<MessageType>(type));
  if (size < allowed.minimum || size > allowed.maximum) {
    return failure(ErrorCode::kMessageHeader, header_error::kBadLength,
                   {static_cast<uint8_t>(size >> 8), static_cast<uint8_t>(size)});
  }
  if (bytes.size() < size) return std::nullopt;
  return Frame{static_cast<MessageType>(type), bytes.subspan(kHeaderSize, size - kHeaderSize), size, bytes.first(size)};
}

std::vector<uint8_t> encode_message(MessageType type, Bytes body) {
  assert(body.size() <= kMaximumMessage - kHeaderSize);
  std::vector<uint8_t> out(kMarkerSize, 0xff);
  out.reserve(kHeaderSize + body.size());
  append_u16(out, static_cast<uint16_t>(kHeaderSize + body.size()));
  append_u8(out, static_cast<uint8_t>(type));
  append(out, body);
  return out;
}

std::vector<uint8_t> encode_keepalive() { return encode_message(MessageType::kKeepalive, {}); }

}  // namespace ecmpd::control::bgp
