// The hash function: XXH32 over a masked key, with a seed that is expanded before use.
//
// The 64-bit seed of the configuration is expanded (splitmix64) into the 32-bit seed of XXH32, never xor-ed into the
// key: xor-ed seeds only permute flows, and two routers with different seeds would still polarize (figures in
// docs/hashing.md). Results equal libxxhash's XXH32 bit for bit. Pure functions; any thread.
#pragma once

#include <cstdint>

#include "hash/key.h"
#include "hash/random.h"

namespace ecmpd::hash {

/// The XXH32 seed for the configured 64-bit seed.
uint32_t expand_seed(uint64_t seed);

uint32_t xxh32(const Key4& key, uint32_t expanded_seed);
uint32_t xxh32(const Key6& key, uint32_t expanded_seed);
/// `out[i]` is the hash of `keys[i]`; both have `count` elements.
void xxh32_bulk(const Key4* keys, uint32_t* out, unsigned count, uint32_t expanded_seed);

}  // namespace ecmpd::hash
