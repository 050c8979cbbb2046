#include "tests/dataplane/packet_reference.h"

#include <algorithm>

#include "hash/address.h"

namespace ecmpd::dataplane::test {

namespace {

constexpr size_t kIp = 14;  // where the IP header begins
constexpr uint8_t kHopLimit = 64;

unsigned word(const Bytes& bytes, size_t at) { return unsigned{bytes[at]} << 8 | bytes[at + 1]; }
void set_word(Bytes& bytes, size_t at, unsigned value) {
  bytes[at] = static_cast<uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<uint8_t>(value);
}
bool is_ipv4(const Bytes& frame) { return frame[kIp] >> 4 == 4; }
size_t header4(const Bytes& frame) { return (frame[kIp] & 0xfu) * 4u; }

void set_checksum4(Bytes& frame) {
  set_word(frame, kIp + 10, 0);
  set_word(frame, kIp + 10, internet_checksum(&frame[kIp], header4(frame)));
}

void cut_padding(Bytes& frame) {
  frame.resize(kIp + (is_ipv4(frame) ? word(frame, kIp + 2) : 40 + word(frame, kIp + 4)));
}

void address_to(Bytes& frame, unsigned port, unsigned neighbor) {
  std::ranges::copy(neighbor_mac(neighbor), frame.begin());
  std::ranges::copy(port_mac(port), frame.begin() + 6);
}

void append(Bytes& bytes, const Bytes& more) { bytes.insert(bytes.end(), more.begin(), more.end()); }

Bytes part(const Bytes& bytes, size_t from, size_t count) {
  const size_t end = std::min(bytes.size(), from + count);
  return {bytes.begin() + static_cast<long>(from), bytes.begin() + static_cast<long>(end)};
}

/// RFC 791 section 3.1: the options that later fragments have too, to a multiple of four bytes.
Bytes copied_options(const Bytes& frame) {
  Bytes out;
  for (size_t at = kIp + 20; at < kIp + header4(frame) && frame[at] != 0;) {
    const size_t length = frame[at] == 1 ? 1 : frame[at + 1];
    if (frame[at] != 1 && (length < 2 || at + length > kIp + header4(frame))) break;  // not an option any more
    if (frame[at] & 0x80) append(out, part(frame, at, length));
    at += length;
  }
  out.resize((out.size() + 3) / 4 * 4);
  return out;
}

/// RFC 8200 section 8.1.
uint16_t checksum6(const Bytes& frame) {
  Bytes sum = part(frame, kIp + 8, 32);
  append(sum, {0, 0, frame[kIp + 4], frame[kIp + 5], 0, 0, 0, 58});
  append(sum, part(frame, kIp + 40, frame.size()));
  return internet_checksum(sum.data(), sum.size());
}

}  // namespace

Bytes without_priority_tag(Bytes frame) {
  const bool tagged = frame.size() >= kIp + 4 && word(frame, 12) == 0x8100 && (word(frame, 14) & 0xfff) == 0;
  if (tagged) frame.erase(frame.begin() + 12, frame.begin() + 16);
  return frame;
}

Bytes forwarded(Bytes frame, unsigned port, unsigned neighbor) {
  frame = without_priority_tag(std::move(frame));
  cut_padding(frame);
  address_to(frame, port, neighbor);
  if (is_ipv4(frame)) {
    --frame[kIp + 8];
    set_checksum4(frame);
  } else {
    --frame[kIp + 7];
  }
  return frame;
}

std::vector<Bytes> fragments_of(const Bytes& frame, uint16_t mtu) {
  if (!is_ipv4(frame) || frame.size() <= kIp + mtu) return {frame};
  const size_t header = header4(frame);
  const size_t most = (mtu - header) / 8 * 8;
  const unsigned flags = word(frame, kIp + 6);
  std::vector<Bytes> out;
  for (size_t at = kIp + header; at < frame.size(); at += most) {
    Bytes piece = part(frame, 0, kIp + (out.empty() ? header : 20));
    if (!out.empty()) {
      append(piece, copied_options(frame));
      piece[kIp] = static_cast<uint8_t>(0x40 | (piece.size() - kIp) / 4);
    }
    append(piece, part(frame, at, most));
    set_word(piece, kIp + 2, static_cast<unsigned>(piece.size() - kIp));
    const bool more = at + most < frame.size() || (flags & 0x2000) != 0;
    const auto offset = static_cast<unsigned>((flags & 0x1fff) + (at - kIp - header) / 8);
    set_word(piece, kIp + 6, (more ? 0x2000u : 0u) | offset);
    set_checksum4(piece);
    out.push_back(std::move(piece));
  }
  return out;
}

Bytes icmp_error_about_frame(const Bytes& tagged_frame, uint8_t type, uint8_t code, uint32_t what,
                             const std::string& own, unsigned port, unsigned neighbor) {
  const Bytes frame = without_priority_tag(tagged_frame);
  Bytes about = frame;
  cut_padding(about);
  const bool v4 = is_ipv4(frame);
  const size_t address_bytes = v4 ? 4 : 16;
  const Bytes sender = part(frame, kIp + (v4 ? 12 : 8), address_bytes);
  // RFC 1812 section 4.3.2.3, RFC 4443 section 2.4(c)
  const Bytes quoted = part(about, kIp, v4 ? 576 - 28 : 1280 - 48);
  const auto length = static_cast<uint8_t>((quoted.size() + 8) & 0xff);
  const auto length_high = static_cast<uint8_t>((quoted.size() + 8) >> 8);
  Bytes out(12);
  if (v4) {
    append(out, {8, 0, 0x45, 0xc0, 0, 0, 0, 0, 0, 0, kHopLimit, 1, 0, 0});
  } else {
    append(out, {0x86, 0xdd, 0x6c, 0, 0, 0, length_high, length, 58, kHopLimit});
  }
  const auto address = hash::IpAddress::parse(own);
  append(out, {address->bytes(), address->bytes() + address_bytes});
  append(out, sender);
  const size_t icmp = out.size();
  append(out, {type, code, 0, 0});
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<uint8_t>(what >> shift));
  append(out, quoted);
  if (v4) {
    set_word(out, kIp + 2, static_cast<unsigned>(out.size() - kIp));
    set_checksum4(out);
  }
  set_word(out, icmp + 2, v4 ? internet_checksum(&out[icmp], out.size() - icmp) : checksum6(out));
  address_to(out, port, neighbor);
  return out;
}

Bytes without_id(Bytes frame) {
  if (frame.size() < kIp + 20 || !is_ipv4(frame)) return frame;
  if (internet_checksum(&frame[kIp], header4(frame)) != 0) return frame;  // wrong, and to stay so
  set_word(frame, kIp + 4, 0);
  set_checksum4(frame);
  return frame;
}

}  // namespace ecmpd::dataplane::test
