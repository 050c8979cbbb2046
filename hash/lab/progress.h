// How far a long computation is, on stderr where that is a terminal; nothing anywhere else. One thread.
//
// The line goes away with the object, so that answers and warnings stand alone. The first is shown after a moment: what
// is done by then needs none.
#pragma once

#include <chrono>
#include <string>

namespace ecmpd::hash::lab {

class Progress {
 public:
  explicit Progress(std::string what);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  /// A bar and the time left; `done` is from 0 to 1. May be called often.
  void at(double done);
  /// What goes on now, where nobody knows how long it takes. Shown at once.
  void say(const std::string& text);

 private:
  using Clock = std::chrono::steady_clock;
  std::string what_;
  bool terminal_;
  bool shown_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
};

}  // namespace ecmpd::hash::lab
