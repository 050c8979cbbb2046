// Lines between two: PPP, frame relay, SLIP, AX.25.
#include "hash/lab/frame_bytes.h"
#include "hash/lab/frame_decoders.h"

namespace ecmpd::hash::lab {
namespace {

constexpr uint16_t kPppIpv4 = 0x0021, kPppIpv6 = 0x0057;  // RFC 1332, RFC 5072
constexpr uint8_t kUnnumbered = 0x03;                     // HDLC's control byte

/// From PPP's protocol number on; a number may be compressed to one byte (RFC 1661 section 6.5).
MaybePacket ppp_payload(FrameBytes bytes) {
  if (bytes.empty()) return std::nullopt;
  const size_t number_bytes = (bytes[0] & 1) != 0 ? 1 : 2;
  if (bytes.size() <= number_bytes) return std::nullopt;
  const uint16_t number = number_bytes == 1 ? bytes[0] : word(bytes, 0);
  if (number == kPppIpv4) return ip_of_version(bytes.subspan(number_bytes), 4);
  if (number == kPppIpv6) return ip_of_version(bytes.subspan(number_bytes), 6);
  return std::nullopt;
}

/// From the network layer protocol identifier on (RFC 2427 section 4).
MaybePacket by_nlpid(FrameBytes bytes) {
  constexpr uint8_t kPadding = 0x00, kSnap = 0x80, kIpv4 = 0xcc, kIpv6 = 0x8e;
  if (!bytes.empty() && bytes[0] == kPadding) bytes = bytes.subspan(1);
  if (bytes.empty()) return std::nullopt;
  if (bytes[0] == kIpv4) return ip_of_version(bytes.subspan(1), 4);
  if (bytes[0] == kIpv6) return ip_of_version(bytes.subspan(1), 6);
  const bool ethertype = bytes[0] == kSnap && bytes.size() >= 6 && bytes[1] == 0 && bytes[2] == 0 && bytes[3] == 0;
  return ethertype ? by_ethertype(word(bytes, 4), bytes.subspan(6)) : std::nullopt;
}

}  // namespace

/// With or without the address and control bytes of HDLC (RFC 1662).
MaybePacket ppp(FrameBytes frame) {
  const bool hdlc = frame.size() >= 2 && frame[0] == 0xff && frame[1] == kUnnumbered;
  return ppp_payload(hdlc ? frame.subspan(2) : frame);
}

/// As Linux's pppd captures it: the address byte gives way to the direction.
MaybePacket ppp_of_pppd(FrameBytes frame) {
  if (frame.size() < 2 || frame[1] != kUnnumbered) return frame.empty() ? std::nullopt : ppp(frame.subspan(1));
  return ppp_payload(frame.subspan(2));
}

/// From the PPPoE header on (RFC 2516).
MaybePacket pppoe(FrameBytes frame) {
  if (frame.size() < 2 || frame[0] != 0x11 || frame[1] != 0) return std::nullopt;
  return behind(frame, 6, ppp_payload);
}

/// An address of two to four bytes, then RFC 2427, or an ethertype as Cisco's routers put there.
MaybePacket frame_relay(FrameBytes frame) {
  size_t address = 0;
  while (address < frame.size() && (frame[address] & 1) == 0) ++address;
  ++address;
  if (address < 2 || address > 4 || frame.size() < address + 2) return std::nullopt;
  frame = frame.subspan(address);
  return frame[0] == kUnnumbered ? by_nlpid(frame.subspan(1)) : by_ethertype(word(frame, 0), frame.subspan(2));
}

/// Direction, kind and 14 bytes for a compressed header (RFC 1144): only what is not compressed has an IP header.
MaybePacket slip(FrameBytes frame) {
  constexpr size_t kHeader = 16;
  if (frame.size() < kHeader || frame[1] >= 0x70) return std::nullopt;
  return raw_ip(frame.subspan(kHeader));
}

/// Two to ten addresses of seven bytes, the last of which has a bit for that; control; protocol.
MaybePacket ax25(FrameBytes frame) {
  constexpr size_t kAddress = 7;
  constexpr uint8_t kIpv4 = 0xcc;
  for (size_t end = kAddress; end + 2 <= frame.size() && end <= 10 * kAddress; end += kAddress) {
    if ((frame[end - 1] & 1) == 0) continue;
    const bool ip = end >= 2 * kAddress && frame[end] == kUnnumbered && frame[end + 1] == kIpv4;
    return ip ? ip_of_version(frame.subspan(end + 2), 4) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace ecmpd::hash::lab
