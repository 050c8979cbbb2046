// Runs one measurement in a process of its own: EAL starts once in a process, and a list of cases needs it for each.
//
// Main thread, before any other exists.
#pragma once

#include <functional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "bench/ecmpbench/forward.h"

namespace ecmpd::bench {

using MeasurementsOrError = tl::expected<std::vector<Measurement>, std::string>;

/// The error also when the process ends without an answer.
MeasurementsOrError in_child(const std::function<MeasurementsOrError()>& measure);

}  // namespace ecmpd::bench
