// Payloads that many link types have in common: bare IP, ethertypes, IEEE 802.2, MPLS.
#include <algorithm>
#include <array>

#include "hash/ethernet.h"
#include "hash/lab/frame_bytes.h"
#include "hash/lab/frame_decoders.h"

namespace ecmpd::hash::lab {
namespace {

constexpr uint16_t kEthertypePppoe = 0x8864;
constexpr uint16_t kLeastEthertype = 0x0600;  // smaller numbers are lengths (IEEE 802.3)
constexpr size_t kSnap = 8;

bool begins_with(FrameBytes bytes, std::span<const uint8_t> start) {
  return bytes.size() >= start.size() && std::equal(start.begin(), start.end(), bytes.begin());
}

}  // namespace

MaybePacket raw_ip(FrameBytes packet) {
  const auto v4 = ip_of_version(packet, 4);
  return v4 ? v4 : ip_of_version(packet, 6);
}

MaybePacket by_ethertype(uint16_t ethertype, FrameBytes payload) {
  const auto content = behind_vlan_tags(ethertype, payload);
  if (!content) return std::nullopt;
  if (content->ethertype == kEthertypeIpv4) return ip_of_version(content->payload, 4);
  if (content->ethertype == kEthertypeIpv6) return ip_of_version(content->payload, 6);
  if (content->ethertype == kEthertypePppoe) return pppoe(content->payload);
  if (content->ethertype < kLeastEthertype) return llc(content->payload);
  return std::nullopt;
}

MaybePacket llc(FrameBytes frame) {
  constexpr std::array<uint8_t, 6> kSnapOfEthertype = {0xaa, 0xaa, 0x03, 0, 0, 0};
  constexpr std::array<uint8_t, 3> kIpv4 = {0x06, 0x06, 0x03};
  if (begins_with(frame, kIpv4)) return ip_of_version(frame.subspan(kIpv4.size()), 4);
  if (frame.size() < kSnap || !begins_with(frame, kSnapOfEthertype)) return std::nullopt;
  const uint16_t ethertype = word(frame, 6);
  return ethertype < kLeastEthertype ? std::nullopt : by_ethertype(ethertype, frame.subspan(kSnap));
}

/// RFC 2684: routed, or a whole Ethernet frame behind two bytes of padding, with or without its checksum.
MaybePacket llc_or_bridged(FrameBytes frame) {
  constexpr std::array<uint8_t, 7> kBridged = {0xaa, 0xaa, 0x03, 0x00, 0x80, 0xc2, 0x00};
  constexpr size_t kPadding = 2;
  if (!begins_with(frame, kBridged)) return llc(frame);
  if (frame.size() < kSnap + kPadding || (frame[7] != 1 && frame[7] != 7)) return std::nullopt;
  return ethernet(frame.subspan(kSnap + kPadding));
}

/// RFC 3032; what is behind the last label is not named.
MaybePacket mpls(FrameBytes frame) {
  constexpr size_t kLabel = 4;
  while (frame.size() >= kLabel) {
    const bool last = (frame[2] & 1) != 0;
    frame = frame.subspan(kLabel);
    if (last) return raw_ip(frame);
  }
  return std::nullopt;
}

}  // namespace ecmpd::hash::lab
