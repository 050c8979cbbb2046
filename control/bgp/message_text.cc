#include "control/bgp/message_text.h"

#include <fmt/core.h>

#include <algorithm>

namespace ecmpd::control::bgp {

std::string quote_bytes(Bytes bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out = fmt::format("{} bytes: ", bytes.size());
  for (const uint8_t byte : bytes.first(std::min(bytes.size(), kBytesShown))) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  if (bytes.size() > kBytesShown) out += fmt::format("... and {} more", bytes.size() - kBytesShown);
  return out;
}

std::string list_prefixes(std::span<const hash::Prefix> prefixes) {
  if (prefixes.empty()) return "none";
  std::string out;
  for (const hash::Prefix& prefix : prefixes.first(std::min(prefixes.size(), kPrefixesShown))) {
    if (!out.empty()) out += ", ";
    out += prefix.to_string();
  }
  if (prefixes.size() > kPrefixesShown) out += fmt::format(" and {} more", prefixes.size() - kPrefixesShown);
  return out;
}

}  // namespace ecmpd::control::bgp
