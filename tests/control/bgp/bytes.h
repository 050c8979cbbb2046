// Bytes for the BGP tests: hex text, and an UPDATE put together from its parts. Test code only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "control/bgp/message.h"
#include "control/bgp/wire.h"

namespace ecmpd::control::bgp::testing {

/// "ff 0a // comment-free hex, spaces ignored"
inline std::vector<uint8_t> hex(std::string_view text) {
  std::vector<uint8_t> out;
  int high = -1;
  for (const char c : text) {
    int digit = -1;
    if (c >= '0' && c <= '9') digit = c - '0';
    if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
    if (digit < 0) continue;
    if (high < 0) {
      high = digit;
    } else {
      out.push_back(static_cast<uint8_t>(high << 4 | digit));
      high = -1;
    }
  }
  return out;
}

inline std::string to_hex(Bytes bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const uint8_t byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

/// The body of an UPDATE from hex text of its three parts.
inline std::vector<uint8_t> update_body(std::string_view withdrawn, std::string_view attributes,
                                        std::string_view nlri) {
  std::vector<uint8_t> out;
  for (const std::string_view part : {withdrawn, attributes}) {
    const auto bytes = hex(part);
    append_u16(out, static_cast<uint16_t>(bytes.size()));
    append(out, bytes);
  }
  append(out, hex(nlri));
  return out;
}

/// A whole message of any type and size, also those that the encoder refuses to make.
inline std::vector<uint8_t> raw_message(uint8_t type, Bytes body) {
  std::vector<uint8_t> out(16, 0xff);
  append_u16(out, static_cast<uint16_t>(19 + body.size()));
  append_u8(out, type);
  append(out, body);
  return out;
}

inline std::vector<uint8_t> operator+(std::vector<uint8_t> left, const std::vector<uint8_t>& right) {
  append(left, right);
  return left;
}

}  // namespace ecmpd::control::bgp::testing
