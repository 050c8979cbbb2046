// IPv6 frames as readable builders: packet6().to("2001:db8:113::10").hop_limit(64).fragment(0, true).udp(1000, 53).
//
// Lengths and next headers are right unless a setter says otherwise; a setter's value is used as it is. Extension
// headers come in the order of their calls.
#pragma once

#include <utility>

#include "tests/dataplane/packet.h"

namespace ecmpd::dataplane::test {

/// The addresses of the harness on port p, but for the link-local one: fd00:p::1.
std::string port_address6(unsigned port);
/// The link-local address that the MAC address of port p gives.
std::string port_link_local(unsigned port);

class PacketBuilder6 {
 public:
  PacketBuilder6& ethernet_to(Bytes mac) { return destination_mac_ = std::move(mac), *this; }
  PacketBuilder6& ethernet_from(Bytes mac) { return source_mac_ = std::move(mac), *this; }
  PacketBuilder6& ethertype(uint16_t type) { return ethertype_ = type, *this; }
  PacketBuilder6& from(const std::string& address) { return source_ = address, *this; }
  PacketBuilder6& to(const std::string& address) { return destination_ = address, *this; }
  PacketBuilder6& hop_limit(uint8_t value) { return hop_limit_ = value, *this; }
  PacketBuilder6& version(uint8_t value) { return version_ = value, *this; }
  PacketBuilder6& flow_label(uint32_t value) { return flow_label_ = value, *this; }
  PacketBuilder6& payload_length(uint16_t value) { return payload_length_ = value, *this; }
  PacketBuilder6& next_header(uint8_t value) { return protocol_ = value, *this; }  // of the last header
  PacketBuilder6& hop_by_hop() { return extension(0, {0, 0, 1, 4, 0, 0, 0, 0}); }
  PacketBuilder6& destination_options() { return extension(60, {0, 0, 1, 4, 0, 0, 0, 0}); }
  PacketBuilder6& routing() { return extension(43, {0, 0, 4, 0, 0, 0, 0, 0}); }
  PacketBuilder6& fragment(uint16_t offset, bool more);
  PacketBuilder6& extension(uint8_t type, Bytes header);
  PacketBuilder6& udp(uint16_t sport, uint16_t dport) { return transport(17, sport, dport); }
  PacketBuilder6& tcp(uint16_t sport, uint16_t dport) { return transport(6, sport, dport); }
  PacketBuilder6& transport(uint8_t protocol, uint16_t sport, uint16_t dport);  // as PacketBuilder's
  PacketBuilder6& icmp(uint8_t type, uint8_t code, const Bytes& rest = {});
  PacketBuilder6& payload(size_t bytes);
  PacketBuilder6& l4(Bytes bytes) { return l4_ = std::move(bytes), *this; }
  PacketBuilder6& padding(size_t bytes) { return padding_ = bytes, *this; }  // behind the IP packet
  PacketBuilder6& cut_to(size_t frame_bytes) { return cut_to_ = frame_bytes, *this; }

  Bytes frame() const;
  Bytes ip() const;

 private:
  Bytes destination_mac_ = port_mac(0);
  Bytes source_mac_ = neighbor_mac(99);
  uint16_t ethertype_ = 0x86dd;
  std::string source_ = "2001:db8:9::2";
  std::string destination_ = "2001:db8:113::10";
  uint8_t hop_limit_ = 64;
  uint8_t version_ = 6;
  uint32_t flow_label_ = 0;
  std::optional<uint16_t> payload_length_;
  uint8_t protocol_ = 17;
  std::vector<std::pair<uint8_t, Bytes>> extensions_;  // type, and its bytes
  Bytes l4_;
  size_t padding_ = 0;
  std::optional<size_t> cut_to_;
};

inline PacketBuilder6 packet6() { return PacketBuilder6().udp(1000, 2000).payload(16); }

}  // namespace ecmpd::dataplane::test
