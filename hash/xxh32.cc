#include "hash/xxh32.h"

#define XXH_INLINE_ALL  // the length is a constant here, so that the general XXH32 folds into straight-line code
#include <xxhash.h>

#include "hash/xxh32_kernels.h"

namespace ecmpd::hash {
namespace {

template <typename Key>
void scalar(const Key* keys, uint32_t* out, unsigned count, uint32_t seed) {
  for (unsigned i = 0; i < count; ++i) out[i] = xxh32(keys[i], seed);
}

}  // namespace

uint32_t xxh32(const Key4& key, uint32_t seed) { return XXH32(key.bytes.data(), sizeof key.bytes, seed); }
uint32_t xxh32(const Key6& key, uint32_t seed) { return XXH32(key.bytes.data(), sizeof key.bytes, seed); }

const Xxh32Kernels& xxh32_kernels(SimdLevel level) {
  static constexpr Xxh32Kernels kKernels[] = {
      // by SimdLevel
      {scalar<Key4>, scalar<Key6>},
      {kernel::xxh32_avx2, kernel::xxh32_avx2},
      {kernel::xxh32_avx512, kernel::xxh32_avx512},
  };
  return kKernels[static_cast<size_t>(level)];
}

}  // namespace ecmpd::hash
