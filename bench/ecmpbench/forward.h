// Measures one case: the router's rounds and the two references by turns, on the same ports and packets.
//
// Every 64 bursts the path changes, in random order, so that each of the three sees the same moments of the machine and
// every packet of the ports. Figures are made of windows afterwards (figures.h). Main thread; starts EAL, so once in a
// process.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "bench/ecmpbench/plan.h"
#include "bench/ecmpbench/stage_costs.h"

namespace ecmpd::bench {

/// The three paths once each. TSC cycles a packet.
struct Window {
  float core;  // of its own clock's cycles, for 12 additions; just before
  float io;
  float macswap;
  float router;
};

/// Of one worker.
struct Measurement {
  std::vector<Window> windows;
  double tsc_hz = 0;
  double core_hz = 0;  // as the chain of multiplications shows it
  double waited = 0;   // time that the thread was ready and did not run, as a share of the time that passed
  uint64_t packets = 0;
  uint64_t drops = 0;    // of every reason, in all of the measurement
  uint64_t checked = 0;  // frames that were compared byte for byte
  bool hugepages = false;
  bool fib6_avx512 = false;
  bool has_stages = false;
  StageCosts stages;
};

struct Settings {
  std::vector<unsigned> cpus;  // a worker on each
  double seconds = 3;
  bool stages = false;
};

/// For each worker; all run at the same time. An error if the router does anything but what it must. `progress` goes
/// from 0 to 1.
tl::expected<std::vector<Measurement>, std::string> measure_case(const Case& plan, const Settings& settings,
                                                                 void (*progress)(double done));

}  // namespace ecmpd::bench
