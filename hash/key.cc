#include "hash/key.h"

#include <algorithm>
#include <cassert>
#include <optional>

namespace ecmpd::hash {
namespace {

constexpr uint8_t kIcmp = 1;
constexpr size_t kMinHeader = 20;
constexpr size_t kIcmpHeader = 8;

/// Never less than 20, so that bytes which are no IPv4 header are still read as one.
size_t header_length(std::span<const uint8_t> packet) { return std::max<size_t>((packet[0] & 0x0fu) * 4u, kMinHeader); }

/// The first fragment counts as well: it must go where its later ones go, and those have no ports.
bool is_fragment(std::span<const uint8_t> packet) { return ((packet[6] & 0x3f) | packet[7]) != 0; }

/// The packet that an ICMP error carries: from its IPv4 header to wherever it was cut. Nothing when `icmp` is no error
/// or holds no usable header.
std::optional<std::span<const uint8_t>> embedded_packet(std::span<const uint8_t> icmp) {
  if (icmp.size() < kIcmpHeader + kMinHeader) return std::nullopt;
  const uint8_t type = icmp[0];  // unreachable, source quench, redirect, time exceeded, parameter problem
  if (type != 3 && type != 4 && type != 5 && type != 11 && type != 12) return std::nullopt;
  const auto embedded = icmp.subspan(kIcmpHeader);
  if (embedded[0] < 0x45 || embedded[0] > 0x4f) return std::nullopt;  // version 4, header length 20 to 60
  return embedded;
}

/// Protocol, addresses and, if they are to be used, ports; not masked yet.
struct Raw {
  Key4 key;
  bool ports = false;
};

Raw raw_key(std::span<const uint8_t> packet) {
  Raw raw;
  std::copy_n(packet.begin() + 8, 12, raw.key.bytes.begin());
  const size_t l4 = header_length(packet);
  raw.ports = has_ports(packet[9]) && !is_fragment(packet) && packet.size() >= l4 + 4;
  if (raw.ports) std::copy_n(packet.begin() + static_cast<ptrdiff_t>(l4), 4, raw.key.bytes.begin() + 12);
  return raw;
}

Key4 reversed(const Key4& key) {
  Key4 out = key;
  std::copy_n(key.bytes.begin() + 4, 4, out.bytes.begin() + 8);
  std::copy_n(key.bytes.begin() + 8, 4, out.bytes.begin() + 4);
  std::copy_n(key.bytes.begin() + 12, 2, out.bytes.begin() + 14);
  std::copy_n(key.bytes.begin() + 14, 2, out.bytes.begin() + 12);
  return out;
}

Key4 finish(const Raw& raw, const KeyFields& fields) {
  return masked(fields.symmetric ? sort_endpoints(raw.key) : raw.key, mask4(fields, raw.ports));
}

}  // namespace

bool has_ports(uint8_t protocol) {
  return protocol == 6 || protocol == 17 || protocol == 132 || protocol == 33;  // TCP, UDP, SCTP, DCCP
}

Key4 mask4(const KeyFields& fields, bool ports) {
  Key4 mask;
  const auto set = [&mask](unsigned at, unsigned bytes, bool counts) {
    std::fill_n(mask.bytes.begin() + at, bytes, counts ? uint8_t{0xff} : uint8_t{0});
  };
  set(1, 1, fields.protocol);
  set(4, 4, fields.src);
  set(8, 4, fields.dst);
  set(12, 2, fields.sport && ports);
  set(14, 2, fields.dport && ports);
  return mask;
}

Key4 key4_from_packet(std::span<const uint8_t> packet, const KeyFields& fields) {
  assert(packet.size() >= kMinHeader);
  const size_t total_length = size_t{packet[2]} << 8 | packet[3];
  packet = packet.first(std::clamp(total_length, kMinHeader, packet.size()));
  const size_t l4 = header_length(packet);
  if (packet[9] == kIcmp && !is_fragment(packet) && packet.size() > l4) {
    if (const auto embedded = embedded_packet(packet.subspan(l4))) {
      // Its total length is that of the packet as it was once sent, which some senders of errors change: only what is
      // here counts.
      Raw raw = raw_key(*embedded);
      raw.key = reversed(raw.key);
      return finish(raw, fields);
    }
  }
  return finish(raw_key(packet), fields);
}

Key4 key4_from_tuple(const Tuple& tuple, const KeyFields& fields) {
  assert(tuple.src.is_v4() && tuple.dst.is_v4());
  Raw raw;
  raw.ports = has_ports(tuple.protocol);
  auto& bytes = raw.key.bytes;
  bytes[1] = tuple.protocol;
  std::copy_n(tuple.src.bytes(), 4, bytes.begin() + 4);
  std::copy_n(tuple.dst.bytes(), 4, bytes.begin() + 8);
  bytes[12] = static_cast<uint8_t>(tuple.sport >> 8);
  bytes[13] = static_cast<uint8_t>(tuple.sport);
  bytes[14] = static_cast<uint8_t>(tuple.dport >> 8);
  bytes[15] = static_cast<uint8_t>(tuple.dport);
  return finish(raw, fields);
}

std::string to_hex(std::span<const uint8_t> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const uint8_t byte : bytes) {
    if (!out.empty()) out += ' ';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

}  // namespace ecmpd::hash
