#include "hash/lab/packet_bytes.h"

#include <algorithm>
#include <utility>

#include "hash/ip_layer.h"

namespace ecmpd::hash::lab {
namespace {

void put16(Bytes& bytes, size_t value) {
  bytes.push_back(static_cast<uint8_t>(value >> 8));
  bytes.push_back(static_cast<uint8_t>(value));
}
void set16(Bytes& bytes, size_t at, size_t value) {
  bytes[at] = static_cast<uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<uint8_t>(value);
}
void append(Bytes& bytes, const Bytes& more) { bytes.insert(bytes.end(), more.begin(), more.end()); }
void put_address(Bytes& bytes, const IpAddress& address) {
  bytes.insert(bytes.end(), address.bytes(), address.bytes() + address.size());
}

/// RFC 1071 over a header whose checksum field is zero.
uint16_t internet_checksum(const Bytes& header) {
  uint32_t sum = 0;
  for (size_t i = 0; i + 1 < header.size(); i += 2) sum += static_cast<uint32_t>(header[i] << 8 | header[i + 1]);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

Bytes ipv4_packet(const Tuple& tuple, const Bytes& content, const IpShape& shape) {
  const size_t header = kMinIpv4Header + shape.options;
  Bytes out = {static_cast<uint8_t>(0x40 + header / 4), 0};
  put16(out, header + content.size());
  put16(out, 0x1234);
  put16(out, shape.fragment);
  out.push_back(64);
  out.push_back(tuple.protocol);
  put16(out, 0);
  put_address(out, tuple.src);
  put_address(out, tuple.dst);
  out.resize(header, 1);  // options of "no operation"
  set16(out, 10, internet_checksum(out));
  append(out, content);
  return out;
}

Bytes ipv6_packet(const Tuple& tuple, const Bytes& content, const IpShape& shape) {
  Bytes out = {0x60, static_cast<uint8_t>(tuple.flow_label >> 16)};
  put16(out, tuple.flow_label & 0xffff);
  put16(out, 0);
  out.push_back(0);
  out.push_back(64);
  put_address(out, tuple.src);
  put_address(out, tuple.dst);
  size_t next_header = 6;  // where the number of what comes next is to be written
  for (const Extension& extension : shape.extensions) {
    out[next_header] = extension.number;
    next_header = out.size();
    append(out, extension.bytes);
  }
  out[next_header] = tuple.protocol;
  append(out, content);
  set16(out, 4, out.size() - kIpv6Header);
  return out;
}

}  // namespace

Extension options_header(uint8_t number, size_t bytes) {
  Extension out{number, Bytes(bytes)};
  out.bytes[1] = static_cast<uint8_t>(bytes / 8 - 1);
  return out;
}

Extension fragment_header(size_t offset, bool more) {
  Extension out{protocol::kFragment, Bytes(8)};
  set16(out.bytes, 2, offset | (more ? 1u : 0u));
  set16(out.bytes, 6, 0x4321);
  return out;
}

Bytes transport(const Tuple& tuple, size_t payload) {
  Bytes out;
  if (has_ports(tuple.protocol)) {
    put16(out, tuple.sport);
    put16(out, tuple.dport);
  }
  if (tuple.protocol == protocol::kTcp) {
    append(out, {0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x10, 0xff, 0xff, 0, 0, 0, 0});
  } else if (tuple.protocol == protocol::kUdp) {
    put16(out, 8 + payload);
    put16(out, 0);
  }
  out.resize(out.size() + payload, 0xee);
  return out;
}

Bytes ip_packet(const Tuple& tuple, const Bytes& content, const IpShape& shape) {
  return tuple.src.is_v4() ? ipv4_packet(tuple, content, shape) : ipv6_packet(tuple, content, shape);
}

Bytes icmp_error(uint8_t type, const IpAddress& from, const Bytes& packet, size_t keep) {
  const bool v4 = from.is_v4();
  const uint8_t* source = read_ip(packet, Length::kAsPresent).src;
  uint32_t source4 = 0;
  if (v4) source4 = uint32_t{source[0]} << 24 | uint32_t{source[1]} << 16 | uint32_t{source[2]} << 8 | source[3];
  Tuple tuple;
  tuple.src = from;
  tuple.dst = v4 ? IpAddress::v4(source4) : IpAddress::v6(source);
  tuple.protocol = v4 ? protocol::kIcmp : protocol::kIcmpv6;
  Bytes content(8 + std::min(keep, packet.size()));
  content[0] = type;
  std::copy_n(packet.begin(), content.size() - 8, content.begin() + 8);
  return ip_packet(tuple, content);
}

Tuple reversed(const Tuple& tuple) {
  Tuple out = tuple;
  std::swap(out.src, out.dst);
  std::swap(out.sport, out.dport);
  return out;
}

}  // namespace ecmpd::hash::lab
