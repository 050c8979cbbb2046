// What a sweep says: cells judged, and summed up by workload and by function. Pure functions.
#pragma once

#include <span>

#include "hash/lab/output.h"
#include "hash/lab/sweep.h"

namespace ecmpd::hash::lab {

/// A record with two lists, `rows` by function, selector and workload and `functions` by function and selector, and in
/// the JSON also `cells`.
Table summarize(const SweepPlan& plan, std::span<const SweepCell> cells);

}  // namespace ecmpd::hash::lab
