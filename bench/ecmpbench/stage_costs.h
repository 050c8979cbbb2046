// What each stage costs: the TSC read around the real stage functions, on the same ports, packets and tables.
//
// Reading it costs some 20 cycles a time, which are measured and taken off, and keeps the stages from overlapping: the
// sum is somewhat more than what the router costs without. So this is no part of the timed comparison. Worker's thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "bench/ecmpbench/testbed.h"

namespace ecmpd::bench {

/// "select" is hash and selection: the key from the packet, its hash, its bucket. "rewrite" also puts packets into the
/// buffers of their ports, which results of old have as "tx"; "send" is the device's part, as in those.
inline constexpr std::array<std::string_view, 6> kStages = {"rx", "parse", "lookup", "select", "rewrite", "send"};

struct StageCosts {
  std::array<double, kStages.size()> cycles{};  // TSC cycles a packet: medians over bursts
};

/// Online in RCU.
StageCosts measure_stages(Testbed& testbed);

}  // namespace ecmpd::bench
