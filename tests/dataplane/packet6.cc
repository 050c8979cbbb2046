#include "tests/dataplane/packet6.h"

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
  bytes.insert(bytes.end(), address->bytes(), address->bytes() + 16);
}
}  // namespace

std::string port_address6(unsigned port) { return "fd00:" + std::to_string(port) + "::1"; }

std::string port_link_local(unsigned port) { return "fe80::ff:fe00:100" + std::to_string(port); }

PacketBuilder6& PacketBuilder6::extension(uint8_t type, Bytes header) {
  extensions_.emplace_back(type, std::move(header));
  return *this;
}

PacketBuilder6& PacketBuilder6::fragment(uint16_t offset, bool more) {
  const unsigned word = static_cast<unsigned>(offset) << 3 | (more ? 1u : 0u);
  return extension(44, {0, 0, static_cast<uint8_t>(word >> 8), static_cast<uint8_t>(word), 0, 0, 0, 9});
}

PacketBuilder6& PacketBuilder6::transport(uint8_t protocol, uint16_t sport, uint16_t dport) {
  protocol_ = protocol;
  l4_ = transport_header(protocol, sport, dport);
  return *this;
}

PacketBuilder6& PacketBuilder6::icmp(uint8_t type, uint8_t code, const Bytes& rest) {
  protocol_ = 58;
  l4_ = {type, code, 0, 0, 0, 0, 0, 0};
  append(l4_, rest);
  return *this;
}

PacketBuilder6& PacketBuilder6::payload(size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) l4_.push_back(static_cast<uint8_t>(i));
  return *this;
}

Bytes PacketBuilder6::ip() const {
  Bytes payload;
  for (size_t i = 0; i < extensions_.size(); ++i) {
    Bytes header = extensions_[i].second;
    header[0] = i + 1 < extensions_.size() ? extensions_[i + 1].first : protocol_;
    append(payload, header);
  }
  append(payload, l4_);
  Bytes out;
  out.push_back(static_cast<uint8_t>(version_ << 4));
  out.push_back(static_cast<uint8_t>(flow_label_ >> 16));
  put16(out, flow_label_ & 0xffff);
  put16(out, payload_length_.value_or(static_cast<uint16_t>(payload.size())));
  out.push_back(extensions_.empty() ? protocol_ : extensions_.front().first);
  out.push_back(hop_limit_);
  append_address(out, source_);
  append_address(out, destination_);
  append(out, payload);
  return out;
}

Bytes PacketBuilder6::frame() const {
  Bytes out = destination_mac_;
  append(out, source_mac_);
  put16(out, ethertype_);
  append(out, ip());
  out.resize(out.size() + padding_);
  if (cut_to_) out.resize(*cut_to_);
  return out;
}

}  // namespace ecmpd::dataplane::test
