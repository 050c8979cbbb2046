#include "hash/tunnel.h"

#include <algorithm>

#include "hash/ethernet.h"

namespace ecmpd::hash {
namespace {

using Bytes = std::span<const uint8_t>;

constexpr size_t kUdpHeader = 8;
constexpr size_t kVxlanHeader = 8;
constexpr uint8_t kVxlanHasVni = 0x08;
constexpr uint16_t kTransparentEthernet = 0x6558;

/// `bytes` from `size` on; empty when there are no more.
Bytes behind(Bytes bytes, size_t size) { return bytes.subspan(std::min(size, bytes.size())); }

std::optional<Bytes> ip_of_version(Bytes packet, uint8_t version) {
  if (!begins_with_ip(packet) || packet[0] >> 4 != version) return std::nullopt;
  return packet;
}

std::optional<Bytes> ip_by_ethertype(uint16_t ethertype, Bytes payload) {
  if (ethertype == kEthertypeIpv4) return ip_of_version(payload, 4);
  if (ethertype == kEthertypeIpv6) return ip_of_version(payload, 6);
  return std::nullopt;
}

std::optional<Bytes> ip_in_ethernet(Bytes frame) {
  const auto content = ethernet_content(frame);
  if (!content) return std::nullopt;
  return ip_by_ethertype(content->ethertype, content->payload);
}

std::optional<Bytes> ip_in_gre(Bytes gre) {
  if (gre.size() < 4) return std::nullopt;
  const uint8_t flags = gre[0];
  const bool checksum = (flags & 0x80) != 0, routing = (flags & 0x40) != 0, key = (flags & 0x20) != 0,
             sequence = (flags & 0x10) != 0;
  if (routing || (gre[1] & 0x07) != 0) return std::nullopt;  // version 1 is PPTP's, with PPP inside
  const auto ethertype = static_cast<uint16_t>(gre[2] << 8 | gre[3]);
  const Bytes payload = behind(gre, 4u + 4u * (unsigned{checksum} + unsigned{key} + unsigned{sequence}));
  return ethertype == kTransparentEthernet ? ip_in_ethernet(payload) : ip_by_ethertype(ethertype, payload);
}

std::optional<Bytes> ip_in_vxlan(Bytes udp) {
  if (udp.size() < kUdpHeader + kVxlanHeader || !is_vxlan_port(&udp[2])) return std::nullopt;
  if ((udp[kUdpHeader] & kVxlanHasVni) == 0) return std::nullopt;
  return ip_in_ethernet(udp.subspan(kUdpHeader + kVxlanHeader));
}

}  // namespace

std::optional<Bytes> inner_packet(const IpLayer& layer) {
  if (layer.fragment) return std::nullopt;
  switch (layer.protocol) {
    case protocol::kIpv4:
      return ip_of_version(layer.payload, 4);
    case protocol::kIpv6:
      return ip_of_version(layer.payload, 6);
    case protocol::kGre:
      return ip_in_gre(layer.payload);
    case protocol::kUdp:
      return ip_in_vxlan(layer.payload);
    default:
      return std::nullopt;
  }
}

}  // namespace ecmpd::hash
