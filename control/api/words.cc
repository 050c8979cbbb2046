#include "control/api/words.h"

#include <fmt/core.h>

#include <charconv>

namespace ecmpd::control::api {
std::string mac_text(const Mac& mac) {
  return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

std::string router_id_text(uint32_t router_id) { return IpAddress::v4(router_id).to_string(); }

std::string uptime_text(uint64_t milliseconds) {
  const uint64_t seconds = milliseconds / 1000;
  const uint64_t minutes = seconds / 60;
  const uint64_t hours = minutes / 60;
  const uint64_t days = hours / 24;
  if (days < 1) return fmt::format("{:02}:{:02}:{:02}", hours, minutes % 60, seconds % 60);
  if (days < 7) return fmt::format("{}d{:02}h{:02}m", days, hours % 24, minutes % 60);
  return fmt::format("{:02}w{}d{:02}h", days / 7, days % 7, hours % 24);
}

std::optional<std::string> text_of(const std::optional<IpAddress>& address) {
  if (!address) return std::nullopt;
  return address->to_string();
}

std::optional<std::string> text_of(const std::optional<Mac>& mac) {
  if (!mac) return std::nullopt;
  return mac_text(*mac);
}

std::optional<std::string> some(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

std::string live_text(bool live, bool draining) {
  return std::string(live ? "yes" : "no") + (draining ? ", draining" : "");
}

std::optional<uint32_t> parse_number(std::string_view text, uint32_t maximum) {
  uint32_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stop != end || value > maximum) return std::nullopt;
  return value;
}

}  // namespace ecmpd::control::api
