#include "hash/tuple_text.h"

#include <charconv>
#include <utility>

namespace ecmpd::hash {
namespace {

// IANA's assigned numbers, the ones that people type.
constexpr std::pair<std::string_view, uint8_t> kProtocols[] = {
    {"icmp", 1}, {"igmp", 2}, {"tcp", 6},     {"udp", 17},  {"dccp", 33},  {"gre", 47},
    {"esp", 50}, {"ah", 51},  {"icmpv6", 58}, {"ospf", 89}, {"sctp", 132},
};

}  // namespace

std::optional<uint8_t> parse_protocol(std::string_view text) {
  for (const auto& [name, number] : kProtocols) {
    if (name == text) return number;
  }
  uint8_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::string protocol_text(uint8_t protocol) {
  for (const auto& [name, number] : kProtocols) {
    if (number == protocol) return std::string(name);
  }
  return std::to_string(protocol);
}

std::string flow_text(const Tuple& tuple) {
  const auto endpoint = [&](const IpAddress& address, uint16_t port) {
    const std::string text = address.to_string();
    if (tuple.sport == 0 && tuple.dport == 0) return text;
    return (address.is_v4() ? text : "[" + text + "]") + ":" + std::to_string(port);
  };
  return protocol_text(tuple.protocol) + " " + endpoint(tuple.src, tuple.sport) + " -> " +
         endpoint(tuple.dst, tuple.dport);
}

}  // namespace ecmpd::hash
