// Whether the core is ours: two loops that touch registers only.
//
// In a virtual machine nothing else tells. Independent additions need every adder of the core, and take longer when
// another thread runs on the same physical core; a chain of multiplications waits for itself and hardly does. So their
// ratio depends neither on the clock nor, as long as nobody shares the core, on the moment. Any thread.
#pragma once

#include <cstdint>

namespace ecmpd::bench {

/// Cycles of its own clock that every core needs for a multiplication in a chain.
inline constexpr unsigned kMultiplicationCycles = 3;

/// TSC cycles of one round of 12 independent additions, over a microsecond.
double additions_cycles();
/// TSC cycles of one multiplication in a chain.
double multiplication_cycles();
/// The additions, in cycles of the core's own clock.
inline double additions_core_cycles() { return kMultiplicationCycles * additions_cycles() / multiplication_cycles(); }

}  // namespace ecmpd::bench
