// Hash functions: how long a key takes in bursts (throughput) and alone (latency), beside libxxhash's own XXH32(); and
// what hashing adds to loading the headers of packets that lie in memory as mbufs do.
//
//   hash_bench [Google Benchmark's options]     names: WHAT/FUNCTION/FAMILY/LEVEL or packets/WHAT/...
//   bench/hash_ratios                           the ratios, from alternating runs
#include <benchmark/benchmark.h>
#include <xxhash.h>

#include <array>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "hash/function.h"
#include "hash/key_common.h"
#include "hash/random.h"

namespace ecmpd::hash {
namespace {

constexpr unsigned kBurst = 64;
constexpr unsigned kKeys = 256;  // fit into any L1 cache
constexpr uint64_t kSeed = 7;

template <typename Key>
std::vector<Key> random_keys(size_t count) {
  Random random(1);
  std::vector<Key> keys(count);
  for (Key& key : keys) {
    for (auto& byte : key.bytes) byte = static_cast<uint8_t>(random.next());
  }
  return keys;
}

void count_keys(benchmark::State& state, uint64_t keys_each_time) {
  const uint64_t keys = static_cast<uint64_t>(state.iterations()) * keys_each_time;
  state.SetItemsProcessed(static_cast<int64_t>(keys));
  state.counters["time/key"] =
      benchmark::Counter(static_cast<double>(keys), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// As a worker hashes: bursts of 64.
template <typename Key>
void throughput(benchmark::State& state, const Hasher& hasher) {
  const auto keys = random_keys<Key>(kKeys);
  alignas(64) std::array<uint32_t, kBurst> out;
  for (auto _ : state) {
    for (unsigned at = 0; at < kKeys; at += kBurst) {
      hasher.bulk(&keys[at], kWholeKey<Key>, out.data(), kBurst);
      benchmark::DoNotOptimize(out);
    }
  }
  count_keys(state, kKeys);
}

/// Each key waits for the hash of the one before it.
template <typename Key>
void latency(benchmark::State& state, const Hasher& hasher) {
  auto keys = random_keys<Key>(1);
  for (auto _ : state) {
    const uint32_t hash = hasher(keys[0]);
    std::memcpy(&keys[0].bytes[4], &hash, sizeof hash);
  }
  benchmark::DoNotOptimize(keys);
  count_keys(state, 1);
}

/// What a program without kernels of its own would do: libxxhash.so, called once for each key.
template <typename Key>
void shared_library(benchmark::State& state) {
  const auto keys = random_keys<Key>(kKeys);
  alignas(64) std::array<uint32_t, kBurst> out;
  for (auto _ : state) {
    for (unsigned at = 0; at < kKeys; at += kBurst) {
      for (unsigned i = 0; i < kBurst; ++i) out[i] = ::XXH32(keys[at + i].bytes.data(), sizeof(Key), kSeed);
      benchmark::DoNotOptimize(out);
    }
  }
  count_keys(state, kKeys);
}

/// Packets as far apart as mbufs: a header line, headroom, 2 kB of room.
class Packets {
 public:
  Packets(size_t count, bool ipv6) : memory_(count * kStride) {
    Random random(2);
    for (size_t i = 0; i < count; ++i) {
      uint8_t* ip = &memory_[i * kStride + kHeader];
      for (unsigned byte = 0; byte < 64; ++byte) ip[byte] = static_cast<uint8_t>(random.next());
      const uint8_t ipv4[12] = {0x45, 0, 0, 46, 0, 0, 0x40, 0, 64, 17, 0, 0};
      const uint8_t ipv6_start[8] = {0x60, 0, 0, 0, 0, 26, 17, 64};
      if (ipv6) {
        std::memcpy(ip, ipv6_start, sizeof ipv6_start);
      } else {
        std::memcpy(ip, ipv4, sizeof ipv4);
      }
      headers_.push_back(ip);
    }
  }
  const std::vector<const uint8_t*>& headers() const { return headers_; }

 private:
  static constexpr size_t kStride = 2304, kHeader = 128 + 128 + 14;
  std::vector<uint8_t> memory_;
  std::vector<const uint8_t*> headers_;
};

Key4 key_of(const uint8_t* ip, const Key4& mask) { return key4_common(ip, mask); }
Key6 key_of(const uint8_t* ip, const Key6& mask) { return key6_common(ip, mask, KeyFields::five_tuple()); }
Key4 mask_of(const Key4*) { return mask4(KeyFields::five_tuple(), true); }
Key6 mask_of(const Key6*) { return mask6(KeyFields::five_tuple(), true); }

/// A burst at a time, the next one's headers prefetched: keys only, or keys, hashes and buckets (`hasher` given).
template <typename Key>
void packets(benchmark::State& state, const Hasher* hasher, size_t count, uint32_t buckets) {
  const Packets memory(count, sizeof(Key) == sizeof(Key6));
  const auto& headers = memory.headers();
  const Key mask = mask_of(static_cast<const Key*>(nullptr));
  std::vector<uint32_t> table(buckets);
  for (uint32_t i = 0; i < buckets; ++i) table[i] = i % 16;
  alignas(64) std::array<Key, kBurst> keys;
  alignas(64) std::array<uint32_t, kBurst> out{};
  for (auto _ : state) {
    for (size_t at = 0; at < count; at += kBurst) {
      const uint8_t* const* next = &headers[at + kBurst < count ? at + kBurst : 0];
      for (unsigned i = 0; i < kBurst; ++i) {
        __builtin_prefetch(next[i]);
        keys[i] = key_of(headers[at + i], mask);
      }
      if (hasher != nullptr) {
        hasher->bulk(keys.data(), kWholeKey<Key>, out.data(), kBurst);
        for (unsigned i = 0; i < kBurst; ++i) out[i] = table[out[i] & (buckets - 1)];
      }
      benchmark::DoNotOptimize(keys);
      benchmark::DoNotOptimize(out);
    }
  }
  count_keys(state, count);
}

struct Level {
  SimdLevel level;
  std::string name;
};

std::vector<Level> levels() {
  std::vector<Level> out;
  for (unsigned i = 0; i <= static_cast<unsigned>(detect_simd_level()); ++i) {
    const auto level = static_cast<SimdLevel>(i);
    out.push_back({level, std::string(to_string(level))});
  }
  return out;
}

void add(const std::string& name, const std::function<void(benchmark::State&)>& run) {
  benchmark::RegisterBenchmark(name.c_str(), run);
}

template <typename Key>
void add_family(const std::string& family) {
  add("throughput/libxxhash.so/" + family, shared_library<Key>);
  for (unsigned i = 0; i < kHashFunctionCount; ++i) {
    const auto function = static_cast<HashFunction>(i);
    const std::string name = std::string(to_string(function)) + "/" + family;
    add("latency/" + name, [=](auto& state) { latency<Key>(state, Hasher(function, kSeed)); });
    for (const Level& level : levels()) {
      // The others have one form for all levels.
      if (function != HashFunction::kXxh32 && level.level != SimdLevel::kScalar) continue;
      const Hasher hasher(function, kSeed, level.level);
      add("throughput/" + name + "/" + level.name, [=](auto& state) { throughput<Key>(state, hasher); });
    }
  }
  for (const size_t count : {64, 512, 8192}) {  // whose headers are in L1, in L2 and in L3
    const std::string tail = family + "/" + std::to_string(count);
    add("packets/load/" + tail, [=](auto& state) { packets<Key>(state, nullptr, count, 1); });
    for (const uint32_t buckets : {1024u, 65536u}) {
      for (const Level& level : levels()) {
        const Hasher hasher(HashFunction::kXxh32, kSeed, level.level);
        add("packets/select/" + tail + "/" + level.name + "/" + std::to_string(buckets),
            [=](auto& state) { packets<Key>(state, &hasher, count, buckets); });
      }
    }
  }
}

}  // namespace
}  // namespace ecmpd::hash

int main(int argc, char** argv) {
  ecmpd::hash::add_family<ecmpd::hash::Key4>("ipv4");
  ecmpd::hash::add_family<ecmpd::hash::Key6>("ipv6");
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
