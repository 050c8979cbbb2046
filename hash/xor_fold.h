// XOR-fold: all 16-bit words of a key xor-ed together, the weakest of the functions that switches offer. Linear.
//
// Pure function; any thread.
#pragma once

#include <cstdint>
#include <span>

namespace ecmpd::hash {

/// Words in network byte order; `bytes` has an even size.
inline uint16_t xor_fold(std::span<const uint8_t> bytes, uint16_t start) {
  uint16_t out = start;
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) out ^= static_cast<uint16_t>(bytes[i] << 8 | bytes[i + 1]);
  return out;
}

}  // namespace ecmpd::hash
