// The answer of ecmpbench load: a row for each phase, as table, JSON or CSV. Pure; any thread.
#pragma once

#include <string>

#include "bench/ecmpbench/arguments.h"
#include "bench/ecmpbench/load.h"

namespace ecmpd::bench {

std::string render(const LoadResult& result, Format format);

}  // namespace ecmpd::bench
