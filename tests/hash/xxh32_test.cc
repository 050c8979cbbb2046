// The kernels of XXH32 against libxxhash, whose code is the oracle: every level that this CPU has, every burst size.
#include "hash/xxh32.h"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <string_view>
#include <vector>

#include "hash/key_common.h"
#include "hash/random.h"

namespace ecmpd::hash {
namespace {

std::vector<SimdLevel> levels() {
  std::vector<SimdLevel> out;
  for (const SimdLevel level : {SimdLevel::kScalar, SimdLevel::kAvx2, SimdLevel::kAvx512}) {
    if (level <= detect_simd_level()) out.push_back(level);
  }
  return out;
}

void bulk(SimdLevel level, const Key4* keys, const Key4& mask, uint32_t* out, unsigned count, uint32_t seed) {
  xxh32_kernels(level).bulk4(keys, mask, out, count, seed);
}
void bulk(SimdLevel level, const Key6* keys, const Key6& mask, uint32_t* out, unsigned count, uint32_t seed) {
  xxh32_kernels(level).bulk6(keys, mask, out, count, seed);
}

template <typename Key>
void fill(Random& random, std::vector<Key>& keys) {
  for (Key& key : keys) {
    for (size_t i = 0; i < sizeof key.bytes; i += 8) {
      const uint64_t word = random.next();
      std::memcpy(&key.bytes[i], &word, sizeof word);
    }
  }
}

template <typename Key>
class Xxh32 : public testing::Test {};
using Keys = testing::Types<Key4, Key6>;
TYPED_TEST_SUITE(Xxh32, Keys);

TYPED_TEST(Xxh32, EveryBurstSizeAtEveryLevelEqualsTheLibrary) {
  Random random(5);
  std::vector<TypeParam> keys(70), masks(1);
  for (int round = 0; round < 40; ++round) {
    for (unsigned count = 0; count <= keys.size(); ++count) {
      fill(random, keys);
      fill(random, masks);
      const auto seed = static_cast<uint32_t>(random.next());
      for (const SimdLevel level : levels()) {
        std::vector<uint32_t> out(keys.size() + 1, 0xfeedfeed);
        bulk(level, keys.data(), masks[0], out.data(), count, seed);
        for (unsigned i = 0; i < count; ++i) {
          ASSERT_EQ(out[i], ::XXH32(masked(keys[i], masks[0]).bytes.data(), sizeof keys[i].bytes, seed))
              << to_string(level) << ", key " << i << " of " << count;
        }
        for (unsigned i = count; i < out.size(); ++i) ASSERT_EQ(out[i], 0xfeedfeedu) << "nothing more is written";
      }
    }
  }
}

/// A million keys each, 16,384 seeds, the extreme ones too.
TYPED_TEST(Xxh32, MillionsOfKeysEqualTheLibrary) {
  Random random(6);
  std::vector<TypeParam> keys(64);
  std::vector<uint32_t> out(keys.size());
  for (int round = 0; round < 16'384; ++round) {
    fill(random, keys);
    if (round < 64) keys[static_cast<size_t>(round)].bytes.fill(round % 2 == 0 ? 0 : 0xff);
    const uint32_t seed = round == 0 ? 0 : round == 1 ? UINT32_MAX : static_cast<uint32_t>(random.next());
    for (const SimdLevel level : levels()) {
      bulk(level, keys.data(), kWholeKey<TypeParam>, out.data(), static_cast<unsigned>(keys.size()), seed);
      for (size_t i = 0; i < keys.size(); ++i) {
        ASSERT_EQ(out[i], ::XXH32(keys[i].bytes.data(), sizeof keys[i].bytes, seed)) << to_string(level);
      }
    }
  }
}

/// Each bit of a key reaches the result through the vector kernels as through the library: no byte is read twice or
/// not at all.
TYPED_TEST(Xxh32, EveryBitOfAKeyCounts) {
  std::vector<TypeParam> keys(sizeof(TypeParam) * 8);
  for (size_t bit = 0; bit < keys.size(); ++bit) keys[bit].bytes[bit / 8] = static_cast<uint8_t>(1u << bit % 8);
  for (const SimdLevel level : levels()) {
    std::vector<uint32_t> out(keys.size());
    bulk(level, keys.data(), kWholeKey<TypeParam>, out.data(), static_cast<unsigned>(keys.size()), 7);
    for (size_t i = 0; i < keys.size(); ++i) ASSERT_EQ(out[i], ::XXH32(&keys[i], sizeof(TypeParam), 7)) << i;
  }
}

TEST(Xxh32One, KnownVector) {  // as published for 16 bytes
  Key4 key;
  std::memcpy(key.bytes.data(), "0123456789abcdef", 16);
  EXPECT_EQ(xxh32(key, 0), 0xc2c45b69u);
}

}  // namespace
}  // namespace ecmpd::hash
