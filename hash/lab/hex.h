// Bytes written in hexadecimal, as people paste them from other tools. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace ecmpd::hash::lab {

/// Pairs of digits, which blanks, line ends, colons or dashes may separate. The error names the place.
tl::expected<std::vector<uint8_t>, std::string> parse_hex(std::string_view text);

}  // namespace ecmpd::hash::lab
