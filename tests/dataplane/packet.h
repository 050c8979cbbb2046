// Frames as readable builders: packet().to("203.0.113.10").ttl(64).udp(1000, 53).payload(8).
//
// Lengths and checksum are right unless a setter says otherwise; a setter's value is used as it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ecmpd::dataplane::test {

using Bytes = std::vector<uint8_t>;

/// MAC addresses of the harness: ours on port p, and a neighbor's.
Bytes port_mac(unsigned port);
Bytes neighbor_mac(unsigned number);

/// The first bytes behind IP: a TCP or UDP header; any other protocol begins with the ports and eight more bytes.
Bytes transport_header(uint8_t protocol, uint16_t sport, uint16_t dport);

class PacketBuilder {
 public:
  PacketBuilder& ethernet_to(Bytes mac) { return destination_mac_ = std::move(mac), *this; }
  PacketBuilder& ethernet_from(Bytes mac) { return source_mac_ = std::move(mac), *this; }
  PacketBuilder& ethertype(uint16_t type) { return ethertype_ = type, *this; }
  PacketBuilder& from(const std::string& address) { return source_ = address, *this; }
  PacketBuilder& to(const std::string& address) { return destination_ = address, *this; }
  PacketBuilder& tos(uint8_t value) { return tos_ = value, *this; }
  PacketBuilder& id(uint16_t value) { return id_ = value, *this; }
  PacketBuilder& ttl(uint8_t value) { return ttl_ = value, *this; }
  PacketBuilder& version(uint8_t value) { return version_ = value, *this; }
  PacketBuilder& ihl(uint8_t words) { return ihl_ = words, *this; }
  PacketBuilder& options(Bytes bytes) { return options_ = std::move(bytes), *this; }  // a multiple of 4
  PacketBuilder& total_length(uint16_t value) { return total_length_ = value, *this; }
  PacketBuilder& checksum(uint16_t value) { return checksum_ = value, *this; }
  PacketBuilder& fragment(uint16_t flags_and_offset) { return fragment_ = flags_and_offset, *this; }
  PacketBuilder& protocol(uint8_t value) { return protocol_ = value, *this; }
  PacketBuilder& udp(uint16_t sport, uint16_t dport) { return transport(17, sport, dport); }
  PacketBuilder& tcp(uint16_t sport, uint16_t dport) { return transport(6, sport, dport); }
  PacketBuilder& transport(uint8_t protocol, uint16_t sport, uint16_t dport);
  PacketBuilder& icmp(uint8_t type, uint8_t code, const Bytes& rest = {});
  /// An ICMP error with its checksum: `word` behind it (the MTU), then what it quotes.
  PacketBuilder& icmp_error(uint8_t type, uint8_t code, uint32_t word, const Bytes& quoted);
  PacketBuilder& payload(size_t bytes);
  PacketBuilder& l4(Bytes bytes) { return l4_ = std::move(bytes), *this; }
  PacketBuilder& padding(size_t bytes) { return padding_ = bytes, *this; }  // behind the IP packet
  PacketBuilder& cut_to(size_t frame_bytes) { return cut_to_ = frame_bytes, *this; }

  Bytes frame() const;
  Bytes ip() const;

 private:
  Bytes destination_mac_ = port_mac(0);
  Bytes source_mac_ = neighbor_mac(99);
  uint16_t ethertype_ = 0x0800;
  std::string source_ = "10.0.9.2";
  std::string destination_ = "203.0.113.10";
  uint8_t tos_ = 0;
  uint16_t id_ = 0x1234;
  uint8_t ttl_ = 64;
  uint8_t version_ = 4;
  std::optional<uint8_t> ihl_;
  Bytes options_;
  std::optional<uint16_t> total_length_;
  std::optional<uint16_t> checksum_;
  uint16_t fragment_ = 0;
  uint8_t protocol_ = 17;
  Bytes l4_;
  size_t padding_ = 0;
  std::optional<size_t> cut_to_;
};

inline PacketBuilder packet() { return PacketBuilder().udp(1000, 2000).payload(16); }

/// The frame with an 802.1Q tag, or one of another ethertype, before those that it has.
Bytes tagged(Bytes frame, uint16_t tci, uint16_t ethertype = 0x8100);

/// RFC 1071 over bytes whose checksum field is zero.
uint16_t internet_checksum(const uint8_t* bytes, size_t size);

}  // namespace ecmpd::dataplane::test
