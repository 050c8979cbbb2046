#include "control/api/words.h"

#include <fmt/core.h>

#include <charconv>
#include <utility>

namespace ecmpd::control::api {
namespace {

// IANA's assigned numbers, the ones that people type.
constexpr std::pair<std::string_view, uint8_t> kProtocols[] = {
    {"icmp", 1}, {"igmp", 2}, {"tcp", 6},     {"udp", 17},  {"dccp", 33},  {"gre", 47},
    {"esp", 50}, {"ah", 51},  {"icmpv6", 58}, {"ospf", 89}, {"sctp", 132},
};

}  // namespace

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

std::optional<uint8_t> parse_protocol(std::string_view text) {
  for (const auto& [name, number] : kProtocols) {
    if (name == text) return number;
  }
  const auto number = parse_number(text, 255);
  if (!number) return std::nullopt;
  return static_cast<uint8_t>(*number);
}

std::string protocol_text(uint8_t protocol) {
  for (const auto& [name, number] : kProtocols) {
    if (number == protocol) return std::string(name);
  }
  return fmt::format("{}", protocol);
}

std::optional<uint32_t> parse_number(std::string_view text, uint32_t maximum) {
  uint32_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stop != end || value > maximum) return std::nullopt;
  return value;
}

}  // namespace ecmpd::control::api
