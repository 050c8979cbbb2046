#include "hash/toeplitz.h"

#include <cassert>

namespace ecmpd::hash {
namespace {

/// The 32 bits of the key from bit `at` on, bit 0 being the highest of the first byte. `at` is at most 287.
uint32_t window(const ToeplitzKey& key, size_t at) {
  uint64_t bits = 0;
  for (size_t i = 0; i < 5; ++i) bits = bits << 8 | key.bytes[at / 8 + i];
  return static_cast<uint32_t>(bits >> (8 - at % 8));
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

ToeplitzKey ToeplitzKey::microsoft() {
  return {{0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
           0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
           0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa}};
}

ToeplitzKey ToeplitzKey::symmetric() {
  ToeplitzKey key;
  for (size_t i = 0; i < key.bytes.size(); ++i) key.bytes[i] = i % 2 == 0 ? 0x6d : 0x5a;
  return key;
}

std::optional<ToeplitzKey> ToeplitzKey::parse(std::string_view text) {
  if (text == "microsoft") return microsoft();
  if (text == "symmetric") return symmetric();
  ToeplitzKey key;
  for (size_t i = 0; i < key.bytes.size(); ++i) {
    if (i != 0 && text.starts_with(':')) text.remove_prefix(1);
    if (text.size() < 2 || digit(text[0]) < 0 || digit(text[1]) < 0) return std::nullopt;
    key.bytes[i] = static_cast<uint8_t>(digit(text[0]) << 4 | digit(text[1]));
    text.remove_prefix(2);
  }
  return text.empty() ? std::optional(key) : std::nullopt;
}

ToeplitzTable::ToeplitzTable(const ToeplitzKey& key) : key_(key), table_{} {
  for (size_t half = 0; half < table_.size(); ++half) {
    for (uint32_t value = 0; value < 16; ++value) {
      for (size_t bit = 0; bit < 4; ++bit) {
        if ((value >> (3 - bit) & 1) != 0) table_[half][value] ^= window(key, half * 4 + bit);
      }
    }
  }
}

uint32_t ToeplitzTable::hash(std::span<const uint8_t> input) const {
  assert(input.size() <= kMaxInput);
  uint32_t out = 0;
  for (size_t i = 0; i < input.size(); ++i) out ^= table_[2 * i][input[i] >> 4] ^ table_[2 * i + 1][input[i] & 15];
  return out;
}

}  // namespace ecmpd::hash
