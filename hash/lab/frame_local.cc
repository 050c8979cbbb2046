// Ethernet and other local networks.
#include "hash/lab/frame_bytes.h"
#include "hash/lab/frame_decoders.h"

namespace ecmpd::hash::lab {
namespace {

/// Packet types of ARCNET: RFC 1051's, which has no further header, and those of RFC 1201 and RFC 2497.
constexpr uint8_t kArcnetOldIpv4 = 0xf0, kArcnetIpv4 = 0xd4, kArcnetIpv6 = 0xc4;

/// From the packet type on.
MaybePacket arcnet_payload(FrameBytes frame, bool exceptions) {
  if (frame.size() < 4) return std::nullopt;
  const uint8_t type = frame[0];
  if (type == kArcnetOldIpv4) return ip_of_version(frame.subspan(1), 4);
  if (type != kArcnetIpv4 && type != kArcnetIpv6) return std::nullopt;
  // A split flag and a sequence number; the flag 0xff pads short packets, the real ones follow. Odd flags are first
  // fragments, even ones above zero the others, which have no header.
  const bool exception = exceptions && frame[1] == 0xff;
  const size_t header = exception ? 8 : 4;
  if (frame.size() < header) return std::nullopt;
  const uint8_t split = frame[exception ? 5 : 1];
  if (split != 0 && split % 2 == 0) return std::nullopt;
  return ip_of_version(frame.subspan(header), type == kArcnetIpv4 ? 4 : 6);
}

}  // namespace

MaybePacket ethernet(FrameBytes frame) { return ethertype_at<12, 14>(frame); }

/// IEEE 802.5: access and frame control, addresses, a route if the source address says so, LLC.
MaybePacket token_ring(FrameBytes frame) {
  constexpr size_t kHeader = 14;
  if (frame.size() <= kHeader || (frame[1] & 0xc0) != 0x40) return std::nullopt;
  const bool routed = (frame[8] & 0x80) != 0;
  return behind(frame, kHeader + (routed ? frame[kHeader] & 0x1f : 0), llc);
}

/// ANSI X3.139: frame control, addresses, LLC.
MaybePacket fddi(FrameBytes frame) {
  if (frame.empty() || (frame[0] & 0xf0) != 0x50) return std::nullopt;
  return behind(frame, 13, llc);
}

MaybePacket arcnet(FrameBytes frame) {
  return frame.size() < 2 ? std::nullopt : arcnet_payload(frame.subspan(2), true);
}

/// Behind the addresses an offset of two bytes.
MaybePacket arcnet_linux(FrameBytes frame) {
  return frame.size() < 4 ? std::nullopt : arcnet_payload(frame.subspan(4), false);
}

/// Packet PDUs, with their header's extension.
MaybePacket docsis(FrameBytes frame) {
  if (frame.size() < 2 || (frame[0] & 0xc0) != 0) return std::nullopt;
  const bool extended = (frame[0] & 1) != 0;
  return behind(frame, size_t{6} + (extended ? frame[1] : 0), ethernet);
}

/// SunATM's device: kind of traffic, VPI, VCI.
MaybePacket sun_atm(FrameBytes frame) {
  if (frame.size() < 4) return std::nullopt;
  const uint8_t kind = frame[0] & 0x0f;
  constexpr uint8_t kLanEmulation = 1, kLlc = 2;
  if (kind == kLanEmulation) return behind(frame, 4 + 2, ethernet);
  return kind == kLlc ? behind(frame, 4, llc_or_bridged) : std::nullopt;
}

/// Endace's records: 16 bytes, extensions as long as the highest bit of their first byte is set, the frame.
MaybePacket erf(FrameBytes frame) {
  constexpr size_t kHeader = 16, kExtension = 8, kEthernetPadding = 2;
  if (frame.size() < kHeader) return std::nullopt;
  const uint8_t type = frame[8] & 0x7f;
  bool extended = (frame[8] & 0x80) != 0;
  frame = frame.subspan(kHeader);
  while (extended) {
    if (frame.size() < kExtension) return std::nullopt;
    extended = (frame[0] & 0x80) != 0;
    frame = frame.subspan(kExtension);
  }
  switch (type) {
    case 2:   // ETH
    case 11:  // COLOR_ETH
    case 16:  // DSM_COLOR_ETH
    case 20:  // COLOR_HASH_ETH
      return behind(frame, kEthernetPadding, ethernet);
    case 22:
      return ip_of_version(frame, 4);
    case 23:
      return ip_of_version(frame, 6);
    default:
      return std::nullopt;
  }
}

}  // namespace ecmpd::hash::lab
