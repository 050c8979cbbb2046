#include "hash/xxh32.h"

#define XXH_INLINE_ALL  // the length is a constant here, so that the general XXH32 folds into straight-line code
#include <xxhash.h>

#include "hash/xxh32_kernels.h"

namespace ecmpd::hash {
namespace kernel {
namespace {

constexpr std::array<uint32_t, 16> repeated(const std::array<uint32_t, 4>& of_key) {
  std::array<uint32_t, 16> out{};
  for (size_t i = 0; i < out.size(); ++i) out[i] = of_key[i % 4];
  return out;
}

}  // namespace

constexpr uint32_t kPrime1 = 0x9e3779b1, kPrime2 = 0x85ebca77;

const Constants kConstants = {
    .prime1 = kPrime1,
    .prime2 = kPrime2,
    .prime3 = 0xc2b2ae3d,
    .prime4 = 0x27d4eb2f,
    .size4 = sizeof(Key4),
    .size6 = sizeof(Key6),
    .start = repeated({kPrime1 + kPrime2, kPrime2, 0, -kPrime1}),
    .rotate_left = repeated({1, 7, 12, 18}),
    .rotate_right = repeated({31, 25, 20, 14}),
};

}  // namespace kernel
namespace {

template <typename Key>
void scalar(const Key* keys, const Key& mask, uint32_t* out, unsigned count, uint32_t seed) {
  for (unsigned i = 0; i < count; ++i) out[i] = xxh32(masked(keys[i], mask), seed);
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
