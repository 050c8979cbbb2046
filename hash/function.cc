#include "hash/function.h"

#define XXH_INLINE_ALL  // the length is a constant here, so that the general functions fold into straight-line code
#include <xxhash.h>

#include <array>

#include "hash/crc.h"
#include "hash/jhash.h"
#include "hash/key_common.h"
#include "hash/random.h"
#include "hash/siphash.h"
#include "hash/xor_fold.h"

namespace ecmpd::hash {
namespace {

constexpr std::array<std::string_view, kHashFunctionCount> kNames = {"xxh32",    "xxh64", "xxh3",    "crc32c",  "crc16",
                                                                     "toeplitz", "jhash", "siphash", "xor-fold"};

/// Results of 16 bits fill both halves: selectors look at the low bits, at the high ones, or at the remainder.
uint32_t both_halves(uint16_t half) { return half * 0x10001u; }

}  // namespace

std::optional<HashFunction> parse_hash_function(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<HashFunction>(i);
  }
  return std::nullopt;
}

std::string_view to_string(HashFunction function) { return kNames[static_cast<size_t>(function)]; }

bool is_linear(HashFunction function) {
  return function == HashFunction::kCrc32c || function == HashFunction::kCrc16 || function == HashFunction::kToeplitz ||
         function == HashFunction::kXorFold;
}

uint32_t expand_seed(uint64_t seed) { return static_cast<uint32_t>(splitmix64(seed) >> 32); }

Hasher::Hasher(HashFunction function, uint64_t seed, SimdLevel level)
    : function_(function), seed32_(expand_seed(seed)), seed_(seed), xxh32_(&xxh32_kernels(level)) {
  uint64_t state = seed;
  first_ = splitmix64(state);
  second_ = splitmix64(state);
  if (function == HashFunction::kToeplitz) toeplitz_ = std::make_shared<ToeplitzTable>(ToeplitzKey::microsoft());
}

Hasher::Hasher(const ToeplitzKey& key, uint64_t seed) : Hasher(HashFunction::kXxh32, seed) {
  function_ = HashFunction::kToeplitz;
  toeplitz_ = std::make_shared<ToeplitzTable>(key);
}

uint64_t Hasher::expanded_seed() const {
  const bool wide =
      function_ == HashFunction::kXxh64 || function_ == HashFunction::kXxh3 || function_ == HashFunction::kSiphash;
  return wide ? first_ : seed32_;
}

/// Calls `use(hash)` with the function object of one key, so that a burst looks at `function_` once.
template <typename Key, typename Use>
void Hasher::with_function(Use use) const {
  const auto bytes = [](const Key& key) { return std::span<const uint8_t, sizeof(Key)>(key.bytes); };
  switch (function_) {
    case HashFunction::kXxh32:
      return use([this](const Key& key) { return xxh32(key, seed32_); });
    case HashFunction::kXxh64:
      return use(
          [this](const Key& key) { return static_cast<uint32_t>(XXH64(key.bytes.data(), sizeof key.bytes, first_)); });
    case HashFunction::kXxh3:
      return use([this](const Key& key) {
        return static_cast<uint32_t>(XXH3_64bits_withSeed(key.bytes.data(), sizeof key.bytes, first_));
      });
    case HashFunction::kCrc32c:
      return use([&](const Key& key) { return crc32c(bytes(key), seed32_); });
    case HashFunction::kCrc16:
      return use([&](const Key& key) { return both_halves(crc16(bytes(key), static_cast<uint16_t>(seed32_))); });
    case HashFunction::kToeplitz:
      return use([this](const Key& key) { return toeplitz_->hash(key) ^ seed32_; });
    case HashFunction::kJhash:
      return use([&](const Key& key) { return jhash(bytes(key), seed32_); });
    case HashFunction::kSiphash:
      return use([&](const Key& key) { return static_cast<uint32_t>(siphash24(bytes(key), {first_, second_})); });
    case HashFunction::kXorFold:
      return use([&](const Key& key) { return both_halves(xor_fold(bytes(key), static_cast<uint16_t>(seed32_))); });
  }
}

template <typename Key>
uint32_t Hasher::one(const Key& key) const {
  uint32_t out = 0;
  with_function<Key>([&](auto hash) { out = hash(key); });
  return out;
}

template <typename Key>
void Hasher::many(const Key* keys, const Key& mask, uint32_t* out, unsigned count) const {
  with_function<Key>([=, &mask](auto hash) {
    for (unsigned i = 0; i < count; ++i) out[i] = hash(masked(keys[i], mask));
  });
}

uint32_t Hasher::operator()(const Key4& key) const { return one(key); }
uint32_t Hasher::operator()(const Key6& key) const { return one(key); }

void Hasher::bulk(const Key4* keys, const Key4& mask, uint32_t* out, unsigned count) const {
  if (function_ == HashFunction::kXxh32) return xxh32_->bulk4(keys, mask, out, count, seed32_);
  many(keys, mask, out, count);
}

void Hasher::bulk(const Key6* keys, const Key6& mask, uint32_t* out, unsigned count) const {
  if (function_ == HashFunction::kXxh32) return xxh32_->bulk6(keys, mask, out, count, seed32_);
  many(keys, mask, out, count);
}

}  // namespace ecmpd::hash
