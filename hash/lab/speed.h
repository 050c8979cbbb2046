// How long functions take, on this machine, now: the one thing of the laboratory that no seed reproduces. Main thread.
#pragma once

#include <string>
#include <vector>

namespace ecmpd::hash::lab {

struct Speed {
  std::string name;    // of the function, and the instructions where there is a choice
  double ipv4_ns = 0;  // for a key of many, median of many rounds
  double ipv6_ns = 0;
};

/// All functions over keys that lie in the first-level cache. Takes about a second.
std::vector<Speed> measure_speeds();

}  // namespace ecmpd::hash::lab
