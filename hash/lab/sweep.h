// Sweeps: the chi-square p-value of every function, selector, workload and number of members, over many seeds.
//
// A seed of the sweep gives the function's seed and the workload's addresses. Keys are made once for a workload and
// seed and used for everything else; a table is made once for a selector and number of members. The result depends on
// the plan only, not on the threads; a cell's does not depend on which other cells there are.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "hash/function.h"
#include "hash/lab/command.h"
#include "hash/lab/router.h"
#include "hash/lab/workload.h"

namespace ecmpd::hash::lab {

struct SweepPlan {
  std::vector<HashFunction> functions;
  std::vector<std::string> selectors;
  std::vector<const Workload*> workloads;
  std::vector<uint32_t> members;
  uint32_t seeds = 0;
  uint32_t flows = 0;
  KeyFields fields;
  std::string buckets;
  ToeplitzKey toeplitz_key = ToeplitzKey::microsoft();
  uint64_t seed = 0;
  unsigned threads = 0;  // 0: all cores
};

struct SweepCell {
  size_t function, selector, workload, members;  // places in the plan
  std::vector<double> ps;                        // by seed: near 0 if uneven, near 1 if too even
  std::vector<double> unevenness;                // by seed: coefficient of variation over that of perfect hashing
};

/// The cells in the order function, selector, workload, members; the last changes fastest.
tl::expected<std::vector<SweepCell>, Failure> sweep(const SweepPlan& plan);

}  // namespace ecmpd::hash::lab
