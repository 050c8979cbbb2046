// Hash functions: from a masked key to 32 bits.
//
// A Hasher is a function with its seed. The 64-bit seed is expanded (splitmix64) and never xor-ed into the key: xor-ed
// seeds only permute flows, and two routers with different seeds would still load their members alike. For the linear
// functions no seed helps: two tiers of them choose together (polarization; figures in docs/hashing.md).
// Immutable values; any thread. Every result is the same at every SIMD level and on every machine.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "hash/key.h"
#include "hash/simd.h"
#include "hash/toeplitz.h"
#include "hash/xxh32.h"

namespace ecmpd::hash {

enum class HashFunction : uint8_t {
  kXxh32,
  kXxh64,
  kXxh3,
  kCrc32c,
  kCrc16,
  kToeplitz,
  kJhash,
  kSiphash,
  kXorFold,
};
inline constexpr unsigned kHashFunctionCount = 9;

/// By its name in configurations and on command lines: xxh32 xxh64 xxh3 crc32c crc16 toeplitz jhash siphash xor-fold.
std::optional<HashFunction> parse_hash_function(std::string_view name);
std::string_view to_string(HashFunction function);
/// All the names, for messages: `"xxh32", "xxh64", ... or "xor-fold"`.
inline constexpr std::string_view kHashFunctionNames =
    R"("xxh32", "xxh64", "xxh3", "crc32c", "crc16", "toeplitz", "jhash", "siphash" or "xor-fold")";

/// True if hash(a) ^ hash(b) depends on a ^ b only, whatever the seed.
bool is_linear(HashFunction function);

/// The 32-bit seed for a configured 64-bit one: the upper half of the first step of splitmix64.
uint32_t expand_seed(uint64_t seed);

class Hasher {
 public:
  Hasher() : Hasher(HashFunction::kXxh32, 0) {}
  /// Toeplitz uses Microsoft's key. `level` is at most detect_simd_level().
  Hasher(HashFunction function, uint64_t seed, SimdLevel level = simd_level());
  /// Toeplitz with a key.
  Hasher(const ToeplitzKey& key, uint64_t seed);

  HashFunction function() const { return function_; }
  /// As configured, not expanded.
  uint64_t seed() const { return seed_; }
  /// As the function gets it: 64 bits for xxh64, xxh3 and siphash (the first half of its key; the second is the next
  /// step of splitmix64), 32 for the others, of which crc16 and xor-fold use the lower 16.
  uint64_t expanded_seed() const;
  /// Of Toeplitz only; nothing for the others.
  const ToeplitzKey* toeplitz_key() const { return toeplitz_ ? &toeplitz_->key() : nullptr; }

  uint32_t operator()(const Key4& key) const;
  uint32_t operator()(const Key6& key) const;
  /// `out[i]` is the hash of what `mask` leaves of `keys[i]`; both have `count` elements, which do not overlap.
  void bulk(const Key4* keys, const Key4& mask, uint32_t* out, unsigned count) const;
  void bulk(const Key6* keys, const Key6& mask, uint32_t* out, unsigned count) const;

 private:
  template <typename Key, typename Use>
  void with_function(Use use) const;
  template <typename Key>
  uint32_t one(const Key& key) const;
  template <typename Key>
  void many(const Key* keys, const Key& mask, uint32_t* out, unsigned count) const;

  HashFunction function_;
  uint32_t seed32_;            // expand_seed(seed)
  uint64_t seed_;              // as configured
  uint64_t first_, second_;    // two steps of splitmix64
  const Xxh32Kernels* xxh32_;  // of the SIMD level
  std::shared_ptr<const ToeplitzTable> toeplitz_;
};

}  // namespace ecmpd::hash
