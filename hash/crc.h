// CRC-32C and CRC-16, as switches and NICs use them to pick a path. Linear: for experiments and comparison.
//
// CRC-32C (Castagnoli, reflected; RFC 3720 appendix B.4) by the instruction that every x86-64-v2 CPU has. CRC-16 is the
// CCITT polynomial 0x1021, not reflected, one of the functions of Broadcom's switches. `start` is the register before
// the first byte: all ones in the published vectors, the expanded seed in the router. Pure functions; any thread.
#pragma once

#include <immintrin.h>

#include <cstdint>
#include <cstring>
#include <span>

namespace ecmpd::hash {

/// With the final inversion of RFC 3720.
inline uint32_t crc32c(std::span<const uint8_t> bytes, uint32_t start) {
  uint64_t crc = start;
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    uint64_t word;
    std::memcpy(&word, bytes.data(), sizeof word);
    crc = _mm_crc32_u64(crc, word);
  }
  auto out = static_cast<uint32_t>(crc);
  for (const uint8_t byte : bytes) out = _mm_crc32_u8(out, byte);
  return ~out;
}
/// Without a final inversion: start 0xffff is the CRC-16/IBM-3740 of catalogues, start 0 CRC-16/XMODEM.
uint16_t crc16(std::span<const uint8_t> bytes, uint16_t start);

}  // namespace ecmpd::hash
