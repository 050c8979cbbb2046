// The daemon's log: one line per event, "time level component: text", to stderr.
//
// Any thread may log; lines never interleave. The data plane's workers do not log. Tests and tools may take the lines
// over with set_sink().
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <functional>
#include <string_view>

namespace ecmpd::control::log {

enum class Level : uint8_t { kInfo, kWarn, kError };
std::string_view to_string(Level level);

/// Receives every line instead of stderr; an empty function gives the lines back to stderr.
using Sink = std::function<void(Level level, std::string_view component, std::string_view text)>;
void set_sink(Sink sink);

void write(Level level, std::string_view component, std::string_view text);

template <typename... Args>
void info(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
  write(Level::kInfo, component, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void warn(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
  write(Level::kWarn, component, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void error(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
  write(Level::kError, component, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace ecmpd::control::log
