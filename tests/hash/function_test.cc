#include "hash/function.h"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <set>
#include <string>
#include <vector>

#include "hash/crc.h"
#include "hash/jhash.h"
#include "hash/key_common.h"
#include "hash/random.h"
#include "hash/siphash.h"

namespace ecmpd::hash {
namespace {

std::vector<HashFunction> all_functions() {
  std::vector<HashFunction> out;
  for (unsigned i = 0; i < kHashFunctionCount; ++i) out.push_back(static_cast<HashFunction>(i));
  return out;
}

template <typename Key>
Key random_key(Random& random) {
  Key key;
  for (auto& byte : key.bytes) byte = static_cast<uint8_t>(random.next() >> 32);
  return key;
}

TEST(HashFunction, NamesGoBothWays) {
  for (const HashFunction function : all_functions()) {
    EXPECT_EQ(parse_hash_function(to_string(function)), function);
    EXPECT_NE(kHashFunctionNames.find(std::string("\"") + std::string(to_string(function)) + "\""), std::string::npos);
  }
  for (const char* bad : {"", "XXH32", "xxh", "crc32", "xorfold"}) EXPECT_FALSE(parse_hash_function(bad)) << bad;
}

/// The answers that a script with the published functions would get: what the seed becomes, what of the result is kept.
TEST(Hasher, IsTheFunctionWithTheExpandedSeed) {
  uint64_t state = 7;
  const uint64_t first = splitmix64(state), second = splitmix64(state);
  ASSERT_EQ(first, 0x63cbe1e459320dd7u);  // splitmix64 of 7
  const auto seed32 = static_cast<uint32_t>(first >> 32);
  EXPECT_EQ(expand_seed(7), seed32);
  Random random(1);
  const auto check = [&](const auto& key) {
    const auto hash = [&](HashFunction function) { return Hasher(function, 7)(key); };
    const std::span<const uint8_t, sizeof key.bytes> bytes(key.bytes);
    EXPECT_EQ(hash(HashFunction::kXxh32), ::XXH32(&key, sizeof key, seed32));
    EXPECT_EQ(hash(HashFunction::kXxh64), static_cast<uint32_t>(::XXH64(&key, sizeof key, first)));
    EXPECT_EQ(hash(HashFunction::kXxh3), static_cast<uint32_t>(::XXH3_64bits_withSeed(&key, sizeof key, first)));
    EXPECT_EQ(hash(HashFunction::kCrc32c), crc32c(bytes, seed32));
    EXPECT_EQ(hash(HashFunction::kCrc16), crc16(bytes, static_cast<uint16_t>(seed32)) * 0x10001u);
    EXPECT_EQ(hash(HashFunction::kToeplitz), ToeplitzTable(ToeplitzKey::microsoft()).hash(key) ^ seed32);
    EXPECT_EQ(Hasher(ToeplitzKey::symmetric(), 7)(key), ToeplitzTable(ToeplitzKey::symmetric()).hash(key) ^ seed32);
    EXPECT_EQ(hash(HashFunction::kJhash), jhash(bytes, seed32));
    EXPECT_EQ(hash(HashFunction::kSiphash), static_cast<uint32_t>(siphash24(bytes, {first, second})));
  };
  for (int i = 0; i < 100; ++i) {
    check(random_key<Key4>(random));
    check(random_key<Key6>(random));
  }
  EXPECT_EQ(Hasher(HashFunction::kJhash, 7).expanded_seed(), seed32);
  EXPECT_EQ(Hasher(HashFunction::kXxh3, 7).expanded_seed(), first);
  EXPECT_EQ(Hasher(HashFunction::kXxh3, 7).seed(), 7u);
}

template <typename Key>
void expect_bulk_equals_one(HashFunction function, SimdLevel level) {
  Random random(2);
  const Hasher hasher(function, 11, level);
  const Hasher scalar(function, 11, SimdLevel::kScalar);
  std::vector<Key> keys;
  for (int i = 0; i < 70; ++i) keys.push_back(random_key<Key>(random));
  for (unsigned count = 0; count <= keys.size(); ++count) {
    std::vector<uint32_t> out(keys.size() + 1, 0xfeedfeed);
    const Key mask = random_key<Key>(random);
    hasher.bulk(keys.data(), mask, out.data(), count);
    for (unsigned i = 0; i < count; ++i) ASSERT_EQ(out[i], scalar(masked(keys[i], mask))) << to_string(function);
    ASSERT_EQ(out[count], 0xfeedfeedu);
  }
}

TEST(Hasher, EveryLevelGivesTheSameOneByOneAndInBulk) {
  for (const HashFunction function : all_functions()) {
    for (const SimdLevel level : {SimdLevel::kScalar, SimdLevel::kAvx2, SimdLevel::kAvx512}) {
      if (level > detect_simd_level()) continue;
      expect_bulk_equals_one<Key4>(function, level);
      expect_bulk_equals_one<Key6>(function, level);
    }
  }
}

/// is_linear() as it is defined: hash(a) ^ hash(b) is a function of a ^ b, and for no function is it so by chance.
TEST(HashFunction, LinearOnesAreLinearAndTheOthersAreNot) {
  Random random(3);
  for (const HashFunction function : all_functions()) {
    const Hasher hasher(function, 5), other_seed(function, 6);
    int linear = 0;
    for (int i = 0; i < 100; ++i) {
      const auto a = random_key<Key6>(random), b = random_key<Key6>(random), c = random_key<Key6>(random);
      Key6 sum;
      for (size_t j = 0; j < sum.bytes.size(); ++j) sum.bytes[j] = a.bytes[j] ^ b.bytes[j] ^ c.bytes[j];
      const bool one = (hasher(a) ^ hasher(b) ^ hasher(c)) == hasher(sum);
      const bool two = (hasher(a) ^ hasher(b)) == (other_seed(a) ^ other_seed(b));
      EXPECT_EQ(one, two);
      linear += one;
    }
    EXPECT_EQ(linear, is_linear(function) ? 100 : 0) << to_string(function);
  }
}

/// Selectors look at low bits, at high bits, or at a remainder: none may be constant.
TEST(Hasher, BothHalvesOfEveryResultVary) {
  Random random(4);
  for (const HashFunction function : all_functions()) {
    const Hasher hasher(function, 5);
    std::set<uint32_t> low, high;
    for (int i = 0; i < 1000; ++i) {
      const uint32_t hash = hasher(random_key<Key4>(random));
      low.insert(hash & 0xff);
      high.insert(hash >> 24);
    }
    EXPECT_GT(low.size(), 240u) << to_string(function);
    EXPECT_GT(high.size(), 240u) << to_string(function);
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
  for (const HashFunction function : all_functions()) {
    if (is_linear(function)) continue;
    const Hasher a(function, 7), b(function, 6);
    unsigned cells[4][4] = {};
    for (uint32_t i = 0; i < 1 << 16; ++i) {
      Key4 key;
      std::memcpy(&key.bytes[4], &i, sizeof i);
      ++cells[a(key) & 3][b(key) & 3];
    }
    for (const auto& row : cells) {
      for (const unsigned cell : row)
        EXPECT_NEAR(cell, 4096, 6 * 62) << to_string(function);  // six standard deviations
    }
  }
}

TEST(SimdLevel, IsDetectedAndForced) {
  const SimdLevel best = detect_simd_level();
  EXPECT_EQ(simd_level(), best);
  EXPECT_TRUE(force_simd_level("scalar"));
  EXPECT_EQ(simd_level(), SimdLevel::kScalar);
  EXPECT_TRUE(force_simd_level(to_string(best)));
  const auto unknown = force_simd_level("sse");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error(), "\"sse\" is not a SIMD level: scalar, avx2 or avx512");
  if (best < SimdLevel::kAvx512) {
    const auto more = force_simd_level(SimdLevel::kAvx512);
    ASSERT_FALSE(more);
    EXPECT_NE(more.error().find("this CPU has no avx512"), std::string::npos) << more.error();
  }
  EXPECT_EQ(simd_level(), best) << "an error changes nothing";
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
