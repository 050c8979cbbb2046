#include "control/bgp/notification.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <span>

#include "control/bgp/message.h"

namespace ecmpd::control::bgp {
namespace {

constexpr std::array<std::string_view, 8> kCodes = {
    "Unknown", "Message Header Error", "OPEN Message Error", "UPDATE Message Error", "Hold Timer Expired", "FSM Error",
    "Cease",   "ROUTE-REFRESH Error"};
constexpr std::array<std::string_view, 4> kHeader = {"Unspecific", "Connection Not Synchronized", "Bad Message Length",
                                                     "Bad Message Type"};
constexpr std::array<std::string_view, 8> kOpen = {"Unspecific",
                                                   "Unsupported Version Number",
                                                   "Bad Peer AS",
                                                   "Bad BGP Identifier",
                                                   "Unsupported Optional Parameter",
                                                   "Authentication Failure",
                                                   "Unacceptable Hold Time",
                                                   "Unsupported Capability"};
constexpr std::array<std::string_view, 12> kUpdate = {"Unspecific",
                                                      "Malformed Attribute List",
                                                      "Unrecognized Well-known Attribute",
                                                      "Missing Well-known Attribute",
                                                      "Attribute Flags Error",
                                                      "Attribute Length Error",
                                                      "Invalid ORIGIN Attribute",
                                                      "AS Routing Loop",
                                                      "Invalid NEXT_HOP Attribute",
                                                      "Optional Attribute Error",
                                                      "Invalid Network Field",
                                                      "Malformed AS_PATH"};
constexpr std::array<std::string_view, 4> kFsm = {"Unspecific", "Unexpected Message in OpenSent",
                                                  "Unexpected Message in OpenConfirm",
                                                  "Unexpected Message in Established"};
constexpr std::array<std::string_view, 11> kCease = {"Unspecific",
                                                     "Maximum Number of Prefixes Reached",
                                                     "Administrative Shutdown",
                                                     "Peer De-configured",
                                                     "Administrative Reset",
                                                     "Connection Rejected",
                                                     "Other Configuration Change",
                                                     "Connection Collision Resolution",
                                                     "Out of Resources",
                                                     "Hard Reset",
                                                     "BFD Down"};

std::span<const std::string_view> subcodes(ErrorCode code) {
  switch (code) {
    case ErrorCode::kMessageHeader:
      return kHeader;
    case ErrorCode::kOpenMessage:
      return kOpen;
    case ErrorCode::kUpdateMessage:
      return kUpdate;
    case ErrorCode::kFsm:
      return kFsm;
    case ErrorCode::kCease:
      return kCease;
    case ErrorCode::kHoldTimer:
    case ErrorCode::kRouteRefresh:
      break;
  }
  return {};
}

}  // namespace

// One length byte, then that much UTF-8. It goes into logs, so it stays on one line.
std::string Notification::shutdown_communication() const {
  const bool carries = code == ErrorCode::kCease &&
                       (subcode == cease::kAdministrativeShutdown || subcode == cease::kAdministrativeReset);
  if (!carries || data.empty() || data[0] == 0 || data[0] > data.size() - 1) return {};
  std::string text(reinterpret_cast<const char*>(data.data()) + 1, data[0]);
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  std::replace_if(text.begin(), text.end(), control, '?');
  return text;
}

std::string Notification::name() const {
  const auto number = static_cast<uint8_t>(code);
  std::string out(number < kCodes.size() ? kCodes[number] : kCodes[0]);
  const auto names = subcodes(code);
  if (subcode < names.size()) out += fmt::format("/{}", names[subcode]);
  return out;
}

std::string Notification::to_string() const {
  std::string out = fmt::format("{} ({}/{})", name(), static_cast<uint8_t>(code), subcode);
  if (const Notification inner = unwrapped(*this); inner != *this) return out + ": " + inner.to_string();
  if (const auto text = shutdown_communication(); !text.empty()) return out + fmt::format(" \"{}\"", text);
  if (!data.empty()) out += " data";
  constexpr size_t kShown = 32;
  for (size_t i = 0; i < std::min(data.size(), kShown); ++i) out += fmt::format(" {:02x}", data[i]);
  if (data.size() > kShown) out += fmt::format(" and {} bytes more", data.size() - kShown);
  return out;
}

bool is_hard_reset(const Notification& notification) {
  return notification.code == ErrorCode::kCease && notification.subcode == cease::kHardReset;
}

Notification unwrapped(const Notification& notification) {
  if (!is_hard_reset(notification) || notification.data.size() < 2) return notification;
  const Notification inner = decode_notification(notification.data);
  // Of a Hard Reset in a Hard Reset the inner one is mere data: who reads this has no stack to spare.
  return is_hard_reset(inner) ? notification : inner;
}

Notification hard_reset(const Notification& notification) {
  std::vector<uint8_t> data{static_cast<uint8_t>(notification.code), notification.subcode};
  append(data, notification.data);
  return {ErrorCode::kCease, cease::kHardReset, std::move(data)};
}

Notification decode_notification(Bytes body) {
  Reader reader(body);
  uint8_t code = 0, subcode = 0;
  if (!reader.u8(code) || !reader.u8(subcode)) return {ErrorCode{0}, 0, {}};
  const Bytes data = reader.rest();
  return {static_cast<ErrorCode>(code), subcode, {data.begin(), data.end()}};
}

std::vector<uint8_t> encode(const Notification& notification) {
  std::vector<uint8_t> body{static_cast<uint8_t>(notification.code), notification.subcode};
  // Data quotes the peer's bytes and may be as long as his message: what does not fit is of no use to him either.
  const size_t room = kMaximumMessage - kHeaderSize - body.size();
  append(body, Bytes(notification.data).first(std::min(room, notification.data.size())));
  return encode_message(MessageType::kNotification, body);
}

}  // namespace ecmpd::control::bgp
