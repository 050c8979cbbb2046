#include "control/zone_names.h"

#include <algorithm>

namespace ecmpd::control {
namespace {

std::vector<std::string>& names() {
  static std::vector<std::string> instance;
  return instance;
}

}  // namespace

void name_zones(std::vector<std::string> ports) { names() = std::move(ports); }

std::string zoned_text(const hash::IpAddress& address) {
  const uint16_t zone = address.zone();
  if (zone == 0 || zone > names().size()) return address.to_string();
  return address.without_zone().to_string() + "%" + names()[zone - 1u];
}

std::optional<hash::IpAddress> parse_zoned(std::string_view text) {
  const size_t percent = text.find('%');
  const auto address = hash::IpAddress::parse(text.substr(0, percent));
  if (!address || percent == std::string_view::npos) return address;
  const auto name = std::find(names().begin(), names().end(), text.substr(percent + 1));
  if (name == names().end() || !address->is_link_local() || address->zone() != 0) return std::nullopt;
  return address->with_zone(static_cast<uint16_t>(name - names().begin() + 1));
}

}  // namespace ecmpd::control
