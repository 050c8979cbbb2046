// Reading and appending network byte order, with every length checked.
//
// A Reader never reads past its bytes: each call either succeeds as a whole or returns false and moves nothing. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ecmpd::control::bgp {

using Bytes = std::span<const uint8_t>;

inline uint16_t load_u16(const uint8_t* p) { return static_cast<uint16_t>(p[0] << 8 | p[1]); }
inline uint32_t load_u32(const uint8_t* p) {
  return uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | uint32_t{p[3]};
}

class Reader {
 public:
  explicit Reader(Bytes bytes) : bytes_(bytes) {}

  size_t left() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  Bytes rest() const { return bytes_; }

  [[nodiscard]] bool u8(uint8_t& out) {
    if (left() < 1) return false;
    out = bytes_[0];
    bytes_ = bytes_.subspan(1);
    return true;
  }
  [[nodiscard]] bool u16(uint16_t& out) {
    if (left() < 2) return false;
    out = load_u16(bytes_.data());
    bytes_ = bytes_.subspan(2);
    return true;
  }
  [[nodiscard]] bool u32(uint32_t& out) {
    if (left() < 4) return false;
    out = load_u32(bytes_.data());
    bytes_ = bytes_.subspan(4);
    return true;
  }
  [[nodiscard]] bool take(size_t count, Bytes& out) {
    if (left() < count) return false;
    out = bytes_.first(count);
    bytes_ = bytes_.subspan(count);
    return true;
  }

 private:
  Bytes bytes_;
};

inline void append_u8(std::vector<uint8_t>& out, uint8_t value) { out.push_back(value); }
inline void append_u16(std::vector<uint8_t>& out, uint16_t value) {
  out.push_back(static_cast<uint8_t>(value >> 8));
  out.push_back(static_cast<uint8_t>(value));
}
inline void append_u32(std::vector<uint8_t>& out, uint32_t value) {
  append_u16(out, static_cast<uint16_t>(value >> 16));
  append_u16(out, static_cast<uint16_t>(value));
}
inline void append(std::vector<uint8_t>& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

}  // namespace ecmpd::control::bgp
