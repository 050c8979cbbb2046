// Toeplitz: the hash of NIC receive-side scaling, over source, destination, source port, destination port.
//
// The order is that of RSS, so that with the NIC's key and start 0 the result is the NIC's own; the protocol and the
// flow label do not enter, as in RSS. Linear, and with the symmetric key nearly blind to paired addresses: for
// experiments and comparison. Immutable values; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "hash/key.h"

namespace ecmpd::hash {

/// 40 bytes: enough for the 36 of an IPv6 tuple.
struct ToeplitzKey {
  std::array<uint8_t, 40> bytes{};
  bool operator==(const ToeplitzKey&) const = default;

  /// The key of Microsoft's RSS specification, the default of many drivers.
  static ToeplitzKey microsoft();
  /// 0x6d5a repeated: both directions of a flow have one hash (Woo and Park, 2012).
  static ToeplitzKey symmetric();
  /// "microsoft", "symmetric", or 80 hexadecimal digits, which colons may separate.
  static std::optional<ToeplitzKey> parse(std::string_view text);
};

/// A key prepared for hashing: for each half byte of the input, what each of its 16 values adds. 4.5 kB.
class ToeplitzTable {
 public:
  explicit ToeplitzTable(const ToeplitzKey& key);
  const ToeplitzKey& key() const { return key_; }

  /// `input` is at most 36 bytes.
  uint32_t hash(std::span<const uint8_t> input) const;
  /// Of what follows the first four bytes of a key: addresses and ports.
  uint32_t hash(const Key4& key) const { return hash(std::span(key.bytes).subspan<4>()); }
  uint32_t hash(const Key6& key) const { return hash(std::span(key.bytes).subspan<4>()); }

 private:
  static constexpr size_t kMaxInput = 36;
  ToeplitzKey key_;
  std::array<std::array<uint32_t, 16>, 2 * kMaxInput> table_;
};

}  // namespace ecmpd::hash
