// The answer: a row for each case, from which table, JSON and CSV are made. Pure but for machine_name(); any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "bench/ecmpbench/arguments.h"
#include "bench/ecmpbench/figures.h"
#include "control/api/table.h"

namespace ecmpd::bench {

struct Result {
  Case plan;
  unsigned workers = 1;
  std::vector<Measurement> measurements;  // of each worker, in all rounds
  Figures figures;
};

/// A record for one result, a list for more.
control::api::Table report(std::span<const Result> results);

/// As text, with what a person should know behind it; as JSON or CSV.
std::string render(std::span<const Result> results, Format format);

/// "IPv4, 4096 flows, 1 prefix, 8 members, 2 ports".
std::string describe(const Case& plan, unsigned workers);

}  // namespace ecmpd::bench
