#include "hash/lab/speed.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "hash/function.h"
#include "hash/key_common.h"
#include "hash/random.h"

namespace ecmpd::hash::lab {
namespace {

using Clock = std::chrono::steady_clock;
constexpr size_t kKeys = 256;
constexpr unsigned kPasses = 64;  // over the keys, in one round
constexpr unsigned kRounds = 51;

template <typename Key>
double median_ns(const Hasher& hasher) {
  std::vector<Key> keys(kKeys);
  Random random(1);
  for (Key& key : keys) {
    for (uint8_t& byte : key.bytes) byte = static_cast<uint8_t>(random.next());
  }
  std::vector<uint32_t> out(kKeys);
  std::vector<double> rounds;
  for (unsigned round = 0; round < kRounds; ++round) {
    const auto start = Clock::now();
    for (unsigned pass = 0; pass < kPasses; ++pass) {
      hasher.bulk(keys.data(), kWholeKey<Key>, out.data(), kKeys);
      keys[pass % kKeys].bytes[0] ^= static_cast<uint8_t>(out[pass % kKeys]);  // the next pass needs this one
    }
    const std::chrono::duration<double, std::nano> passed = Clock::now() - start;
    rounds.push_back(passed.count() / (kPasses * kKeys));
  }
  std::nth_element(rounds.begin(), rounds.begin() + kRounds / 2, rounds.end());
  return rounds[kRounds / 2];
}

Speed measure(std::string name, const Hasher& hasher) {
  return {std::move(name), median_ns<Key4>(hasher), median_ns<Key6>(hasher)};
}

}  // namespace

std::vector<Speed> measure_speeds() {
  std::vector<Speed> speeds;
  for (const SimdLevel level : {SimdLevel::kAvx512, SimdLevel::kAvx2, SimdLevel::kScalar}) {
    if (level > detect_simd_level()) continue;
    speeds.push_back(measure(fmt::format("xxh32, {}", to_string(level)), Hasher(HashFunction::kXxh32, 1, level)));
  }
  for (unsigned i = 0; i < kHashFunctionCount; ++i) {
    const auto function = static_cast<HashFunction>(i);
    if (function == HashFunction::kXxh32) continue;
    speeds.push_back(measure(std::string(to_string(function)), Hasher(function, 1)));
  }
  return speeds;
}

}  // namespace ecmpd::hash::lab
