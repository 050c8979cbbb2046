#include "control/log.h"

#include <fmt/chrono.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <mutex>
#include <string>

namespace ecmpd::control::log {
namespace {

std::mutex& mutex() {
  static std::mutex instance;
  return instance;
}
Sink& sink() {
  static Sink instance;
  return instance;
}

// A peer's words (a shutdown message, say) may stand in a line: control characters must not reach a terminal.
std::string printable(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return out;
}

}  // namespace

std::string_view to_string(Level level) {
  switch (level) {
    case Level::kInfo:
      return "info";
    case Level::kWarn:
      return "warn";
    case Level::kError:
      return "error";
  }
  return "?";
}

void set_sink(Sink new_sink) {
  const std::lock_guard lock(mutex());
  sink() = std::move(new_sink);
}

void write(Level level, std::string_view component, std::string_view text) {
  const std::lock_guard lock(mutex());
  if (sink()) {
    sink()(level, component, text);
    return;
  }
  const auto now = std::chrono::system_clock::now();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now - seconds).count();
  std::tm local{};
  const std::time_t time = std::chrono::system_clock::to_time_t(seconds);
  localtime_r(&time, &local);
  const std::string line =
      fmt::format("{:%F %T}.{:03} {:<5} {}: {}\n", local, milliseconds, to_string(level), component, printable(text));
  // One write, so that lines of several processes on one terminal or journal stay whole.
  (void)!::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace ecmpd::control::log
