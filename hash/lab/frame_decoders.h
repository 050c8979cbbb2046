// From a captured frame of one link type to the IP packet in it: a decoder for each way of framing.
//
// The formats are those of https://www.tcpdump.org/linktypes.html and of the standards named beside the code. A decoder
// gives the bytes from the IP header to the end of the frame; nothing when the frame carries something else or is cut.
// Pure functions; any thread. Total: any bytes give an answer, and nothing outside of the span is read.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace ecmpd::hash::lab {

using FrameBytes = std::span<const uint8_t>;
using MaybePacket = std::optional<FrameBytes>;
using FrameDecoder = MaybePacket (*)(FrameBytes frame);

/// Behind so many bytes, if there are so many.
template <size_t kSize, FrameDecoder kDecode>
MaybePacket after(FrameBytes frame) {
  return frame.size() < kSize ? std::nullopt : kDecode(frame.subspan(kSize));
}

/// A payload behind an ethertype at one place, and itself at another.
MaybePacket by_ethertype(uint16_t ethertype, FrameBytes payload);
template <size_t kEthertype, size_t kPayload>
MaybePacket ethertype_at(FrameBytes frame) {
  static_assert(kEthertype + 2 <= kPayload);
  if (frame.size() < kPayload) return std::nullopt;
  return by_ethertype(static_cast<uint16_t>(frame[kEthertype] << 8 | frame[kEthertype + 1]), frame.subspan(kPayload));
}

// frame_payload.cc: what others carry
MaybePacket raw_ip(FrameBytes packet);
MaybePacket llc(FrameBytes frame);  // IEEE 802.2: a SNAP header, or the SAP of IPv4
MaybePacket llc_or_bridged(FrameBytes frame);
MaybePacket mpls(FrameBytes frame);

// frame_local.cc: local networks and what captures them
MaybePacket ethernet(FrameBytes frame);
MaybePacket token_ring(FrameBytes frame);
MaybePacket fddi(FrameBytes frame);
MaybePacket arcnet(FrameBytes frame);
MaybePacket arcnet_linux(FrameBytes frame);
MaybePacket docsis(FrameBytes frame);
MaybePacket sun_atm(FrameBytes frame);
MaybePacket erf(FrameBytes frame);

// frame_wireless.cc
MaybePacket wireless(FrameBytes frame);
MaybePacket radiotap(FrameBytes frame);
MaybePacket avs(FrameBytes frame);
MaybePacket prism(FrameBytes frame);

// frame_serial.cc: lines between two
MaybePacket ppp(FrameBytes frame);
MaybePacket ppp_of_pppd(FrameBytes frame);
MaybePacket pppoe(FrameBytes frame);
MaybePacket frame_relay(FrameBytes frame);
MaybePacket slip(FrameBytes frame);
MaybePacket ax25(FrameBytes frame);

// frame_system.cc: what operating systems put before packets
MaybePacket pf_log(FrameBytes frame);
MaybePacket netfilter_log(FrameBytes frame);

}  // namespace ecmpd::hash::lab
