#include "hash/function.h"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <set>
#include <string_view>
#include <vector>

#include "hash/random.h"

namespace ecmpd::hash {
namespace {

Key4 key_of(std::string_view text) {
  Key4 key;
  std::copy_n(text.begin(), 16, key.bytes.begin());
  return key;
}

TEST(Xxh32, KnownVectors) {  // as published for 16 bytes
  EXPECT_EQ(xxh32(key_of("0123456789abcdef"), 0), 0xc2c45b69u);
}

TEST(Xxh32, EqualsTheLibraryOneByOneAndInBulk) {
  Random random(5);
  std::vector<Key4> keys(1000);
  std::vector<uint32_t> out(keys.size() + 1, 0xfeedfeed);
  for (int round = 0; round < 1000; ++round) {
    for (auto& key : keys) {
      for (auto& byte : key.bytes) byte = static_cast<uint8_t>(random.next() >> 32);
    }
    const auto seed = static_cast<uint32_t>(random.next());
    const unsigned count = round < 70 ? static_cast<unsigned>(round) : static_cast<unsigned>(keys.size());
    out[count] = 0xfeedfeed;
    xxh32_kernels(simd_level()).bulk4(keys.data(), out.data(), count, seed);
    for (unsigned i = 0; i < count; ++i) {
      const uint32_t expected = ::XXH32(keys[i].bytes.data(), 16, seed);
      ASSERT_EQ(xxh32(keys[i], seed), expected);
      ASSERT_EQ(out[i], expected);
    }
    ASSERT_EQ(out[count], 0xfeedfeedu) << "nothing behind the last is written";
  }
}

TEST(Xxh32, EqualsTheLibraryForIpv6Keys) {
  Random random(6);
  for (int i = 0; i < 10'000; ++i) {
    Key6 key;
    for (auto& byte : key.bytes) byte = static_cast<uint8_t>(random.next());
    const auto seed = static_cast<uint32_t>(random.next());
    ASSERT_EQ(xxh32(key, seed), ::XXH32(key.bytes.data(), key.bytes.size(), seed));
  }
}

TEST(ExpandSeed, SpreadsSmallSeeds) {
  std::set<uint32_t> low, high;
  for (uint64_t seed = 0; seed < 256; ++seed) {
    low.insert(expand_seed(seed) & 0xffff);
    high.insert(expand_seed(seed) >> 16);
  }
  EXPECT_GT(low.size(), 250u);
  EXPECT_GT(high.size(), 250u);
  EXPECT_NE(expand_seed(uint64_t{1} << 63), expand_seed(0));
}

/// Two tiers of routers must choose independently when their seeds differ, even by one bit (no polarization).
TEST(ExpandSeed, NeighboringSeedsAreIndependent) {
  const uint32_t a = expand_seed(7), b = expand_seed(6);
  unsigned cells[4][4] = {};
  for (uint32_t i = 0; i < 1 << 16; ++i) {
    Key4 key;
    std::memcpy(&key.bytes[4], &i, sizeof i);
    ++cells[xxh32(key, a) & 3][xxh32(key, b) & 3];
  }
  for (const auto& row : cells) {
    for (const unsigned cell : row) EXPECT_NEAR(cell, 4096, 6 * 62);  // six standard deviations
  }
}

TEST(Random, IsTheSameEverywhereAndUniform) {
  EXPECT_EQ(Random(0).next(), 0xe220a8397b1dcdafu);  // splitmix64's published first output
  Random random(7);
  unsigned counts[7] = {};
  for (int i = 0; i < 70'000; ++i) ++counts[random.below(7)];
  for (const unsigned count : counts) EXPECT_NEAR(count, 10'000, 6 * 93);
}

}  // namespace
}  // namespace ecmpd::hash
