#include "hash/lab/hex.h"

#include <fmt/core.h>

namespace ecmpd::hash::lab {
namespace {

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

tl::expected<std::vector<uint8_t>, std::string> parse_hex(std::string_view text) {
  constexpr std::string_view kSeparators = " \t\r\n:-";
  std::vector<uint8_t> out;
  for (size_t at = 0; at < text.size();) {
    if (kSeparators.find(text[at]) != kSeparators.npos) {
      ++at;
      continue;
    }
    const int high = digit_of(text[at]);
    const int low = at + 1 < text.size() ? digit_of(text[at + 1]) : -1;
    if (high < 0 || low < 0) {
      return tl::make_unexpected(
          fmt::format("character {}: \"{}\" is not two hexadecimal digits", at + 1, text.substr(at, 2)));
    }
    out.push_back(static_cast<uint8_t>(high << 4 | low));
    at += 2;
  }
  return out;
}

}  // namespace ecmpd::hash::lab
