// "1 packet", "2 packets": numbers of things in what people read. Pure function; any thread.
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <string>
#include <string_view>

namespace ecmpd::hash {

/// `many` when it is not `one` with an s.
template <std::integral Number>
std::string count_text(Number count, std::string_view one, std::string_view many = {}) {
  if (count == 1) return fmt::format("1 {}", one);
  return many.empty() ? fmt::format("{} {}s", count, one) : fmt::format("{} {}", count, many);
}

}  // namespace ecmpd::hash
