#include "hash/function.h"

#define XXH_INLINE_ALL  // the length is a constant here, so that the general XXH32 folds into straight-line code
#include <xxhash.h>

namespace ecmpd::hash {

uint32_t expand_seed(uint64_t seed) { return static_cast<uint32_t>(splitmix64(seed) >> 32); }

uint32_t xxh32(const Key4& key, uint32_t expanded_seed) {
  return XXH32(key.bytes.data(), sizeof key.bytes, expanded_seed);
}

uint32_t xxh32(const Key6& key, uint32_t expanded_seed) {
  return XXH32(key.bytes.data(), sizeof key.bytes, expanded_seed);
}

// The one place that hashes bursts: kernels for 8 or 16 keys at a time are to be chosen here, with this loop for the
// rest of a burst and for machines that have neither.
void xxh32_bulk(const Key4* keys, uint32_t* out, unsigned count, uint32_t expanded_seed) {
  for (unsigned i = 0; i < count; ++i) out[i] = xxh32(keys[i], expanded_seed);
}

}  // namespace ecmpd::hash
