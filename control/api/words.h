// Small texts that several tables share: addresses, durations, numbers. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "control/api/views.h"

namespace ecmpd::control::api {

/// "02:00:00:00:01:0b"
std::string mac_text(const Mac& mac);
/// Dotted quad of a router identifier in host byte order.
std::string router_id_text(uint32_t router_id);
/// FRR's form: "01:02:03" below a day, "1d02h03m" below a week, "01w2d03h" from then on.
std::string uptime_text(uint64_t milliseconds);
std::optional<std::string> text_of(const std::optional<IpAddress>& address);
std::optional<std::string> text_of(const std::optional<Mac>& mac);
/// Nothing for an empty text, so that JSON says null.
std::optional<std::string> some(const std::string& text);
/// "yes", "no, draining"
std::string live_text(bool live, bool draining);

/// Decimal digits only, at most `maximum`.
std::optional<uint32_t> parse_number(std::string_view text, uint32_t maximum);

}  // namespace ecmpd::control::api
