#include "hash/crc.h"

#include <array>

namespace ecmpd::hash {
namespace {

constexpr std::array<uint16_t, 256> make_crc16_table() {
  std::array<uint16_t, 256> table{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    unsigned crc = byte << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1;
    table[byte] = static_cast<uint16_t>(crc);
  }
  return table;
}
constexpr std::array<uint16_t, 256> kCrc16Table = make_crc16_table();

}  // namespace

uint16_t crc16(std::span<const uint8_t> bytes, uint16_t start) {
  uint16_t crc = start;
  for (const uint8_t byte : bytes) crc = static_cast<uint16_t>(crc << 8 ^ kCrc16Table[crc >> 8 ^ byte]);
  return crc;
}

}  // namespace ecmpd::hash
