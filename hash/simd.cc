#include "hash/simd.h"

#include <fmt/format.h>

#include <array>
#include <atomic>

namespace ecmpd::hash {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"scalar", "avx2", "avx512"};

std::atomic<SimdLevel>& level_of_process() {
  static std::atomic<SimdLevel> level{detect_simd_level()};
  return level;
}

}  // namespace

std::optional<SimdLevel> parse_simd_level(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<SimdLevel>(i);
  }
  return std::nullopt;
}

std::string_view to_string(SimdLevel level) { return kNames[static_cast<size_t>(level)]; }

// The compiler's check looks at XCR0 too: a system that does not save the registers counts as a CPU without them.
SimdLevel detect_simd_level() {
  if (__builtin_cpu_supports("avx512f")) return SimdLevel::kAvx512;
  if (__builtin_cpu_supports("avx2")) return SimdLevel::kAvx2;
  return SimdLevel::kScalar;
}

SimdLevel simd_level() { return level_of_process().load(std::memory_order_relaxed); }

tl::expected<void, std::string> force_simd_level(SimdLevel level) {
  const SimdLevel best = detect_simd_level();
  if (level > best) {
    return tl::unexpected(
        fmt::format("this CPU has no {}: the highest SIMD level here is {}", to_string(level), to_string(best)));
  }
  level_of_process().store(level, std::memory_order_relaxed);
  return {};
}

tl::expected<void, std::string> force_simd_level(std::string_view name) {
  const auto level = parse_simd_level(name);
  if (!level) return tl::unexpected(fmt::format("\"{}\" is not a SIMD level: {}", name, kSimdLevelNames));
  return force_simd_level(*level);
}

}  // namespace ecmpd::hash
