#include "hash/lab/progress.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace ecmpd::hash::lab {
namespace {

constexpr auto kTick = std::chrono::milliseconds(200);
constexpr size_t kWidth = 40;

}  // namespace

Progress::Progress(std::string what) : what_(std::move(what)), terminal_(isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  if (!shown_) return;
  fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
}

void Progress::at(double done) {
  const auto now = Clock::now();
  if (!terminal_ || now - last_ < kTick) return;
  last_ = now;
  shown_ = true;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const auto left = static_cast<unsigned>(done > 0 ? seconds * (1 - done) / done : 0);
  const auto full = static_cast<size_t>(done * kWidth);
  fmt::print(stderr, "\r\033[K{} [{}{}] {:3.0f} %  {}:{:02} left ", what_, std::string(full, '#'),
             std::string(kWidth - full, '.'), done * 100, left / 60, left % 60);
  std::fflush(stderr);
}

void Progress::say(const std::string& text) {
  if (!terminal_) return;
  shown_ = true;
  fmt::print(stderr, "\r\033[K{}: {} ", what_, text);
  std::fflush(stderr);
}

}  // namespace ecmpd::hash::lab
