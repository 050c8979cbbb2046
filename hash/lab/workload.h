// Workloads: connections as they look in the field and in test labs, most of them far from random.
//
// A workload draws its addresses and ports from a seed, then flow number i is a function of i: the same everywhere.
// Flows of one workload have distinct 5-tuples. Values; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "hash/key.h"
#include "hash/random.h"

namespace ecmpd::hash::lab {

/// Calls go from 0 upwards, each number once.
using FlowSource = std::function<Tuple(uint32_t)>;

struct Workload {
  std::string_view name;  // on the command line
  std::string_view what;  // for the help
  FlowSource (*open)(Random& random);
  /// Bytes of flow number i.
  uint64_t (*bytes)(uint32_t i);
};

/// All of them, in the order of the help.
std::span<const Workload> workloads();
/// nullptr: there is none of that name.
const Workload* find_workload(std::string_view name);

}  // namespace ecmpd::hash::lab
