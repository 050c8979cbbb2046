// SIMD levels: which vector instructions the hash kernels may use.
//
// The level of the process is what the CPU has, unless a program forces a lower one (--simd) while it starts, before
// its first Hasher is made. Every level gives the same results. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace ecmpd::hash {

enum class SimdLevel : uint8_t { kScalar, kAvx2, kAvx512 };

/// "scalar", "avx2" or "avx512"; kSimdLevelNames lists them for messages.
std::optional<SimdLevel> parse_simd_level(std::string_view name);
std::string_view to_string(SimdLevel level);
inline constexpr std::string_view kSimdLevelNames = "scalar, avx2 or avx512";

/// The highest level that this CPU, and the system on it, can run.
SimdLevel detect_simd_level();

/// The level that a Hasher takes unless told another.
SimdLevel simd_level();

/// Sets simd_level(). An error, which names both levels, if the CPU cannot run it; nothing changes then.
tl::expected<void, std::string> force_simd_level(SimdLevel level);

/// The same by name, as an option of a command line gives it; an unknown name is an error as well.
tl::expected<void, std::string> force_simd_level(std::string_view name);

}  // namespace ecmpd::hash
