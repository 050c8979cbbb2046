// The kernels that this CPU can run, and those for which no packet is common: with them everything takes the generic
// path, which is the oracle for the others.
#pragma once

#include <string>
#include <vector>

#include "dataplane/burst.h"
#include "dataplane/classify.h"

namespace ecmpd::dataplane::test {

inline const ClassifyKernels& nothing_common() {
  static constexpr ClassifyKernels kKernels{
      hash::SimdLevel::kScalar, [](Burst&, const PortFacts&, const classify::Frames&) { return uint64_t{0}; },
      [](Burst&, Burst6&, const PortFacts&, const classify::Frames&) { return uint64_t{0}; }};
  return kKernels;
}

/// The oracle first.
inline std::vector<ClassifyKernels> every_kernel() {
  std::vector<ClassifyKernels> out{nothing_common()};
  for (unsigned level = 0; level <= static_cast<unsigned>(hash::detect_simd_level()); ++level) {
    out.push_back(classify_kernels(static_cast<hash::SimdLevel>(level)));
  }
  return out;
}

inline std::string name_of(const ClassifyKernels& kernels) {
  if (kernels.common4 == nothing_common().common4) return "no kernel";
  return std::string(hash::to_string(kernels.level));
}

}  // namespace ecmpd::dataplane::test
