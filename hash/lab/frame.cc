#include "hash/lab/frame.h"

#include <algorithm>
#include <array>

#include "hash/ethernet.h"

namespace ecmpd::hash::lab {
namespace {

using Bytes = std::span<const uint8_t>;
using MaybePacket = std::optional<Bytes>;

// Ethertypes besides those of hash/ethernet.h, and the protocol numbers of PPP (RFC 1332, RFC 5072).
constexpr uint16_t kEthertypePppoe = 0x8864;
constexpr uint16_t kPppIpv4 = 0x0021;
constexpr uint16_t kPppIpv6 = 0x0057;

uint16_t word(Bytes bytes, size_t at) { return static_cast<uint16_t>(bytes[at] << 8 | bytes[at + 1]); }

/// `packet` if its first byte says `version`.
MaybePacket ip_of_version(Bytes packet, uint8_t version) {
  if (packet.empty() || packet[0] >> 4 != version) return std::nullopt;
  return packet;
}

MaybePacket raw(Bytes packet) {
  const auto v4 = ip_of_version(packet, 4);
  return v4 ? v4 : ip_of_version(packet, 6);
}

/// From PPP's protocol number on; a number may be compressed to one byte (RFC 1661 section 6.5).
MaybePacket ppp_payload(Bytes bytes) {
  if (bytes.empty()) return std::nullopt;
  const size_t number_bytes = (bytes[0] & 1) != 0 ? 1 : 2;
  if (bytes.size() <= number_bytes) return std::nullopt;
  const uint16_t number = number_bytes == 1 ? bytes[0] : word(bytes, 0);
  if (number == kPppIpv4) return ip_of_version(bytes.subspan(number_bytes), 4);
  if (number == kPppIpv6) return ip_of_version(bytes.subspan(number_bytes), 6);
  return std::nullopt;
}

/// PPP with or without the address and control bytes of HDLC (RFC 1662).
MaybePacket ppp(Bytes frame) {
  const bool hdlc = frame.size() >= 2 && frame[0] == 0xff && frame[1] == 0x03;
  return ppp_payload(hdlc ? frame.subspan(2) : frame);
}

/// From the PPPoE header on (RFC 2516).
MaybePacket pppoe(Bytes bytes) {
  constexpr size_t kHeader = 6;
  if (bytes.size() < kHeader || bytes[0] != 0x11 || bytes[1] != 0) return std::nullopt;
  return ppp_payload(bytes.subspan(kHeader));
}

MaybePacket by_ethertype(uint16_t ethertype, Bytes payload) {
  const auto content = behind_vlan_tags(ethertype, payload);
  if (!content) return std::nullopt;
  if (content->ethertype == kEthertypeIpv4) return ip_of_version(content->payload, 4);
  if (content->ethertype == kEthertypeIpv6) return ip_of_version(content->payload, 6);
  if (content->ethertype == kEthertypePppoe) return pppoe(content->payload);
  return std::nullopt;
}

MaybePacket ethernet(Bytes frame) {
  constexpr size_t kHeader = 14;
  return frame.size() < kHeader ? std::nullopt : by_ethertype(word(frame, 12), frame.subspan(kHeader));
}

/// The address family before the packet is the capturing system's number in its byte order; the packet itself says as
/// much.
MaybePacket loopback(Bytes frame) { return frame.size() < 4 ? std::nullopt : raw(frame.subspan(4)); }

MaybePacket cooked(Bytes frame) {
  constexpr size_t kHeader = 16;
  return frame.size() < kHeader ? std::nullopt : by_ethertype(word(frame, 14), frame.subspan(kHeader));
}

MaybePacket cooked2(Bytes frame) {
  constexpr size_t kHeader = 20;
  return frame.size() < kHeader ? std::nullopt : by_ethertype(word(frame, 0), frame.subspan(kHeader));
}

MaybePacket cisco_hdlc(Bytes frame) {
  constexpr size_t kHeader = 4;
  return frame.size() < kHeader ? std::nullopt : by_ethertype(word(frame, 2), frame.subspan(kHeader));
}

/// IEEE 802.11 data frames with LLC and SNAP; encrypted ones carry nothing that can be read.
MaybePacket wireless(Bytes frame) {
  constexpr size_t kSnap = 8;
  if (frame.size() < 2) return std::nullopt;
  const uint8_t kind = frame[0], flags = frame[1];
  const bool data = (kind & 0x0f) == 0x08 && (kind & 0x40) == 0, encrypted = (flags & 0x40) != 0;
  if (!data || encrypted) return std::nullopt;
  size_t header = 24;
  if ((flags & 0x03) == 0x03) header += 6;  // a fourth address
  if ((kind & 0x80) != 0) {                 // QoS
    header += 2;
    if ((flags & 0x80) != 0) header += 4;  // HT control
  }
  if (frame.size() < header + kSnap) return std::nullopt;
  constexpr std::array<uint8_t, 6> kLlcSnap = {0xaa, 0xaa, 0x03, 0, 0, 0};
  const Bytes llc = frame.subspan(header);
  if (!std::equal(kLlcSnap.begin(), kLlcSnap.end(), llc.begin())) return std::nullopt;
  return by_ethertype(word(llc, 6), llc.subspan(kSnap));
}

MaybePacket radiotap(Bytes frame) {
  if (frame.size() < 4) return std::nullopt;
  const size_t header = size_t{frame[2]} | size_t{frame[3]} << 8;  // little-endian
  return header < 4 || frame.size() < header ? std::nullopt : wireless(frame.subspan(header));
}

struct Decoder {
  LinkType type;
  const char* name;  // empty: another number of the one before
  MaybePacket (*decode)(Bytes frame);
};
constexpr Decoder kDecoders[] = {
    {1, "Ethernet", ethernet},
    {0, "BSD loopback", loopback},
    {108, "", loopback},
    {12, "raw IP", raw},
    {14, "", raw},
    {101, "", raw},
    {228, "", raw},
    {229, "", raw},
    {113, "Linux cooked", cooked},
    {276, "Linux cooked v2", cooked2},
    {9, "PPP", ppp},
    {50, "", ppp},
    {51, "PPPoE", pppoe},
    {104, "Cisco HDLC", cisco_hdlc},
    {105, "IEEE 802.11", wireless},
    {127, "radiotap", radiotap},
};

const Decoder* decoder_of(LinkType type) {
  const auto* found =
      std::find_if(std::begin(kDecoders), std::end(kDecoders), [&](const Decoder& one) { return one.type == type; });
  return found == std::end(kDecoders) ? nullptr : found;
}

}  // namespace

bool is_known(LinkType type) { return decoder_of(type) != nullptr; }

std::string known_link_types() {
  std::string out;
  for (const Decoder& one : kDecoders) {
    if (*one.name != '\0') out += (out.empty() ? "" : ", ") + std::string(one.name);
  }
  return out;
}

std::optional<std::span<const uint8_t>> ip_in_frame(LinkType type, std::span<const uint8_t> frame) {
  const Decoder* decoder = decoder_of(type);
  return decoder == nullptr ? std::nullopt : decoder->decode(frame);
}

}  // namespace ecmpd::hash::lab
