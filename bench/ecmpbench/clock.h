// Clocks as seconds. Any thread.
#pragma once

#include <time.h>

namespace ecmpd::bench {

inline double seconds_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace ecmpd::bench
