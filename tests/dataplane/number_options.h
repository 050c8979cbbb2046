// The command line of a long test: "--lookups 1000000 --seed 7". Any thread.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace ecmpd::dataplane {

/// Stores the number behind each of these names. False for any other word, or for what is no whole number.
inline bool read_numbers(int argc, char** argv, std::initializer_list<std::pair<std::string_view, uint64_t*>> options) {
  for (int i = 1; i < argc; i += 2) {
    const std::string_view name = argv[i];
    const std::string_view value = i + 1 < argc ? argv[i + 1] : "";
    const auto option = std::find_if(options.begin(), options.end(), [&](const auto& it) { return it.first == name; });
    if (option == options.end() || value.empty()) return false;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), *option->second);
    if (error != std::errc() || end != value.data() + value.size()) return false;
  }
  return true;
}

}  // namespace ecmpd::dataplane
