#include "hash/ip_layer.h"

#include <algorithm>
#include <cassert>

namespace ecmpd::hash {
namespace {

constexpr size_t kFragmentHeader = 8;

uint16_t word(std::span<const uint8_t> bytes, size_t at) {
  return static_cast<uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

std::span<const uint8_t> behind(std::span<const uint8_t> bytes, size_t size) {
  return bytes.subspan(std::min(size, bytes.size()));
}

bool is_options_header(uint8_t number) {
  return number == protocol::kHopByHop || number == protocol::kRouting || number == protocol::kDestinationOptions;
}

/// Goes along the extension headers of `layer` (RFC 8200 section 4); `layer.protocol` is the first one's number.
void pass_extension_headers(IpLayer& layer) {
  for (unsigned passed = 0; passed < kMaxExtensionHeaders && !layer.fragment; ++passed) {
    const auto header = layer.payload;
    if (is_options_header(layer.protocol) && header.size() >= 2) {
      layer.protocol = header[0];
      layer.payload = behind(header, (header[1] + 1u) * 8u);
    } else if (layer.protocol == protocol::kFragment && header.size() >= kFragmentHeader) {
      // Later fragments show no more of the chain than this number, so the first one must not either.
      layer.protocol = header[0];
      layer.fragment = (word(header, 2) & 0xfff9) != 0;  // an offset, or more fragments
      layer.payload = behind(header, kFragmentHeader);
    } else {
      return;
    }
  }
}

}  // namespace

bool begins_with_ip(std::span<const uint8_t> packet) {
  if (packet.size() < kMinIpv4Header) return false;
  const uint8_t version = packet[0] >> 4;
  return version == 4 ? (packet[0] & 0x0f) >= 5 : version == 6 && packet.size() >= kIpv6Header;
}

IpLayer read_ipv4(std::span<const uint8_t> packet, Length length) {
  assert(packet.size() >= kMinIpv4Header);
  if (length == Length::kAsStated) {
    packet = packet.first(std::clamp<size_t>(word(packet, 2), kMinIpv4Header, packet.size()));
  }
  IpLayer layer;
  layer.family = Family::kIpv4;
  layer.src = &packet[12];
  layer.dst = &packet[16];
  layer.protocol = packet[9];
  layer.fragment = (word(packet, 6) & 0x3fff) != 0;  // more fragments, or an offset
  layer.payload = behind(packet, std::max<size_t>((packet[0] & 0x0fu) * 4u, kMinIpv4Header));
  return layer;
}

IpLayer read_ipv6(std::span<const uint8_t> packet, Length length) {
  assert(packet.size() >= kIpv6Header);
  if (length == Length::kAsStated) packet = packet.first(std::min(kIpv6Header + word(packet, 4), packet.size()));
  IpLayer layer;
  layer.family = Family::kIpv6;
  layer.src = &packet[8];
  layer.dst = &packet[24];
  layer.flow_label = (packet[1] & 0x0fu) << 16 | word(packet, 2);
  layer.protocol = packet[6];
  layer.payload = behind(packet, kIpv6Header);
  pass_extension_headers(layer);
  return layer;
}

IpLayer read_ip(std::span<const uint8_t> packet, Length length) {
  return packet[0] >> 4 == 6 ? read_ipv6(packet, length) : read_ipv4(packet, length);
}

}  // namespace ecmpd::hash
