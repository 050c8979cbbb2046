// A full table comes and goes while a worker forwards: how long that takes, what memory it has, and the longest that
// the worker was held up.
//
// The phases come one after the other in one process, on one worker that never stops: nothing changes, groups, IPv4
// routes and IPv6 routes are added, nothing changes, both are removed. Main thread; starts EAL, so once in a process.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "bench/ecmpbench/plan.h"

namespace ecmpd::bench {

struct LoadSettings {
  uint32_t routes4 = 1'000'000;
  uint32_t routes6 = 250'000;
  Case plan;  // of the traffic, and the groups and their members; its prefixes are there from the beginning
  unsigned cpu = 0;
  double seconds = 2;  // of each phase in which nothing changes
};

struct Phase {
  std::string_view name;
  uint32_t items = 0;  // routes or groups; 0: nothing changed
  double seconds = 0;
  int64_t resident_bytes = 0;  // memory that the process got meanwhile, or gave back
  // Rounds of the worker over all its queues, in microseconds.
  uint64_t rounds = 0;
  double median_round = 0;
  double p999_round = 0;
  double worst_round = 0;    // but for those during which another thread took the CPU away
  uint64_t interrupted = 0;  // of these, how many
  uint64_t packets = 0;
  uint64_t drops = 0;
};

struct LoadResult {
  std::vector<Phase> phases;
  double waited = 0;  // share of the time for which the worker's thread was ready and did not run
  bool hugepages = false;
};

tl::expected<LoadResult, std::string> measure_load(const LoadSettings& settings, void (*progress)(double done));

}  // namespace ecmpd::bench
