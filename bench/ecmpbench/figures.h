// From windows to figures: medians over those windows in which the core was ours. Pure; any thread.
#pragma once

#include <span>

#include "bench/ecmpbench/forward.h"
#include "bench/ecmpbench/statistics.h"

namespace ecmpd::bench {

struct Figures {
  // TSC cycles a packet.
  Spread io;
  Spread macswap;
  Spread router;
  Spread over_io;  // router - io, of each window
  // Packets a second of the router, as a part of the reference's; of each window.
  Spread ratio_io;
  Spread ratio_macswap;
  double packets_per_second = 0;  // of all workers together
  double core = 0;                // cycles of the core's own clock for 12 additions: median
  double quiet = 0;               // share of the windows in which the core was ours
  bool contended = false;
};

/// Of the quiet windows (quiet.h), if they are one in ten; otherwise of all, and the core is contended. It also is when
/// a thread waited for more than a quarter of the time. One measurement for each worker, the windows of all together.
Figures figures_of(std::span<const Measurement> workers);

}  // namespace ecmpd::bench
