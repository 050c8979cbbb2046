#include "control/bgp/open.h"

#include <cassert>

#include "control/bgp/capabilities.h"
#include "control/bgp/message.h"

namespace ecmpd::control::bgp {
namespace {

constexpr uint8_t kVersion = 4;
constexpr uint8_t kParameterCapabilities = 2;
constexpr uint8_t kParameterExtended = 255;  // RFC 9072

tl::unexpected<Notification> open_failure(uint8_t subcode, std::vector<uint8_t> data = {}) {
  return failure(ErrorCode::kOpenMessage, subcode, std::move(data));
}

// `extended`: RFC 9072 section 2, where each parameter has a two-octet length.
std::optional<Notification> decode_parameters(Bytes parameters, bool extended, OpenMessage& open) {
  Reader reader(parameters);
  while (!reader.empty()) {
    uint8_t type = 0, short_length = 0;
    uint16_t length = 0;
    Bytes value;
    bool fits = reader.u8(type);
    if (extended) {
      fits = fits && reader.u16(length);
    } else {
      fits = fits && reader.u8(short_length);
      length = short_length;
    }
    if (!fits || !reader.take(length, value)) return Notification{ErrorCode::kOpenMessage, open_error::kUnspecific, {}};
    if (type != kParameterCapabilities) {
      return Notification{ErrorCode::kOpenMessage, open_error::kOptionalParameter, {}};
    }
    if (!decode_capabilities(value, open)) {
      return Notification{ErrorCode::kOpenMessage, open_error::kUnspecific, {}};
    }
  }
  return std::nullopt;
}

}  // namespace

FamilySet OpenMessage::routed_families() const {
  if (families.empty()) return {.ipv4 = true};
  FamilySet out;
  for (const FamilyId& id : families) {
    if (const auto family = routed_family(id)) out.insert(*family);
  }
  return out;
}

Result<OpenMessage> decode_open(Bytes body) {
  OpenMessage open;
  Reader reader(body);
  uint8_t version = 0, parameters_length = 0;
  uint16_t my_as = 0;
  if (!reader.u8(version)) return open_failure(open_error::kUnspecific);
  // The data is the highest version that we speak.
  if (version != kVersion) return open_failure(open_error::kVersion, {0, kVersion});
  if (!reader.u16(my_as) || !reader.u16(open.hold_time) || !reader.u32(open.router_id) ||
      !reader.u8(parameters_length)) {
    return open_failure(open_error::kUnspecific);
  }
  open.asn = my_as;
  if (open.hold_time == 1 || open.hold_time == 2) return open_failure(open_error::kHoldTime);
  if (open.router_id == 0) return open_failure(open_error::kBadIdentifier);

  // RFC 9072: a first parameter of type 255 says that the extended form follows, whatever the length octet says,
  // unless that is 0.
  Bytes parameters = reader.rest();
  bool extended = false;
  if (parameters_length != 0 && parameters.size() >= 3 && parameters[0] == kParameterExtended) {
    extended = true;
    const uint16_t length = load_u16(&parameters[1]);
    parameters = parameters.subspan(3);
    if (length != parameters.size()) return open_failure(open_error::kUnspecific);
  } else if (parameters_length != parameters.size()) {
    return open_failure(open_error::kUnspecific);
  }
  if (auto problem = decode_parameters(parameters, extended, open)) return tl::unexpected(std::move(*problem));
  // RFC 7607: nobody is AS 0.
  if (open.asn == 0) return open_failure(open_error::kBadPeerAs);
  return open;
}

std::vector<uint8_t> encode_open(const OpenMessage& open) {
  const std::vector<uint8_t> capabilities = encode_capabilities(open);
  assert(capabilities.size() <= 253);  // what one classic parameter holds: some thirty families

  std::vector<uint8_t> body;
  append_u8(body, kVersion);
  append_u16(body, open.asn > 0xffff ? kAsTrans : static_cast<uint16_t>(open.asn));
  append_u16(body, open.hold_time);
  append_u32(body, open.router_id);
  if (capabilities.empty()) {
    append_u8(body, 0);
  } else {
    append_u8(body, static_cast<uint8_t>(capabilities.size() + 2));
    append_u8(body, kParameterCapabilities);
    append_u8(body, static_cast<uint8_t>(capabilities.size()));
    append(body, capabilities);
  }
  return encode_message(MessageType::kOpen, body);
}

}  // namespace ecmpd::control::bgp
