#include "tests/dataplane/packet.h"

#include "hash/address.h"

namespace ecmpd::dataplane::test {

namespace {
void put16(Bytes& bytes, unsigned value) {
  bytes.push_back(static_cast<uint8_t>(value >> 8));
  bytes.push_back(static_cast<uint8_t>(value));
}
void append(Bytes& bytes, const Bytes& more) { bytes.insert(bytes.end(), more.begin(), more.end()); }
void append_address(Bytes& bytes, const std::string& text) {
  const auto address = hash::IpAddress::parse(text);
  bytes.insert(bytes.end(), address->bytes(), address->bytes() + address->size());
}
}  // namespace

Bytes port_mac(unsigned port) { return {0x02, 0, 0, 0, 0x10, static_cast<uint8_t>(port)}; }
Bytes neighbor_mac(unsigned number) { return {0x02, 0, 0, 0, 0x20, static_cast<uint8_t>(number)}; }

Bytes tagged(Bytes frame, uint16_t tci, uint16_t ethertype) {
  const Bytes tag = {static_cast<uint8_t>(ethertype >> 8), static_cast<uint8_t>(ethertype),
                     static_cast<uint8_t>(tci >> 8), static_cast<uint8_t>(tci)};
  frame.insert(frame.begin() + 12, tag.begin(), tag.end());
  return frame;
}

uint16_t internet_checksum(const uint8_t* bytes, size_t size) {
  uint32_t sum = 0;
  for (size_t i = 0; i < size; i += 2) sum += static_cast<uint32_t>(bytes[i] << 8 | (i + 1 < size ? bytes[i + 1] : 0));
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

Bytes transport_header(uint8_t protocol, uint16_t sport, uint16_t dport) {
  Bytes out;
  put16(out, sport);
  put16(out, dport);
  if (protocol == 6) {
    append(out, Bytes{0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x02, 0xff, 0xff, 0, 0, 0, 0});
    return out;
  }
  put16(out, 8);
  put16(out, 0);
  if (protocol != 17) append(out, Bytes(4));
  return out;
}

PacketBuilder& PacketBuilder::transport(uint8_t protocol, uint16_t sport, uint16_t dport) {
  protocol_ = protocol;
  l4_ = transport_header(protocol, sport, dport);
  return *this;
}

PacketBuilder& PacketBuilder::icmp(uint8_t type, uint8_t code, const Bytes& rest) {
  protocol_ = 1;
  l4_ = {type, code, 0, 0, 0, 0, 0, 0};
  append(l4_, rest);
  return *this;
}

PacketBuilder& PacketBuilder::icmp_error(uint8_t type, uint8_t code, uint32_t word, const Bytes& quoted) {
  protocol_ = 1;
  l4_ = {type, code, 0, 0};
  put16(l4_, word >> 16);
  put16(l4_, word & 0xffff);
  append(l4_, quoted);
  const uint16_t sum = internet_checksum(l4_.data(), l4_.size());
  l4_[2] = static_cast<uint8_t>(sum >> 8);
  l4_[3] = static_cast<uint8_t>(sum);
  return *this;
}

PacketBuilder& PacketBuilder::payload(size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) l4_.push_back(static_cast<uint8_t>(i));
  return *this;
}

Bytes PacketBuilder::ip() const {
  const size_t header = 20 + options_.size();
  Bytes out;
  out.push_back(static_cast<uint8_t>(version_ << 4 | ihl_.value_or(static_cast<uint8_t>(header / 4))));
  out.push_back(tos_);
  put16(out, total_length_.value_or(static_cast<uint16_t>(header + l4_.size())));
  put16(out, id_);
  put16(out, fragment_);
  out.push_back(ttl_);
  out.push_back(protocol_);
  put16(out, 0);
  append_address(out, source_);
  append_address(out, destination_);
  append(out, options_);
  const uint16_t sum = checksum_.value_or(internet_checksum(out.data(), out.size()));
  out[10] = static_cast<uint8_t>(sum >> 8);
  out[11] = static_cast<uint8_t>(sum);
  append(out, l4_);
  return out;
}

Bytes PacketBuilder::frame() const {
  Bytes out = destination_mac_;
  append(out, source_mac_);
  put16(out, ethertype_);
  append(out, ip());
  out.resize(out.size() + padding_);
  if (cut_to_) out.resize(*cut_to_);
  return out;
}

}  // namespace ecmpd::dataplane::test
