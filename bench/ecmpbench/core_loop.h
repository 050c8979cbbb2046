// Whether the core is ours: two loops that touch registers only.
//
// In a virtual machine nothing else tells. Independent additions need every adder of the core, and take longer when
// another thread runs on the same physical core; a chain of multiplications waits for itself and hardly does. So their
// ratio depends neither on the clock nor, as long as nobody shares the core, on the moment. Any thread.
#pragma once

#include <cstdint>

namespace ecmpd::bench {

/// TSC cycles of one round of 12 independent additions, over some microseconds.
double additions_cycles();
/// TSC cycles of one multiplication in a chain: the core's latency for it (3 cycles of its own clock on today's CPUs).
double multiplication_cycles();

}  // namespace ecmpd::bench
