#include "dataplane/classify.h"

#include <array>

#include "dataplane/classify_frames.h"

namespace ecmpd::dataplane {

const ClassifyKernels& classify_kernels(hash::SimdLevel level) {
  using hash::SimdLevel;
  static constexpr std::array<ClassifyKernels, 3> kKernels = {
      {{SimdLevel::kScalar, classify::common4_generic, classify::common6_generic},
       {SimdLevel::kAvx2, classify::common4_avx2, classify::common6_avx2},
       {SimdLevel::kAvx512, classify::common4_avx512, classify::common6_avx512}}};
  return kKernels[static_cast<size_t>(level)];
}

}  // namespace ecmpd::dataplane
