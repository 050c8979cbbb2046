#include "hash/lab/frame.h"

#include <algorithm>
#include <iterator>

#include "hash/lab/frame_bytes.h"
#include "hash/lab/frame_decoders.h"

namespace ecmpd::hash::lab {
namespace {

MaybePacket tazmen(FrameBytes frame);
MaybePacket per_packet(FrameBytes frame);
MaybePacket packet_tap(FrameBytes frame);

struct Decoder {
  LinkType type;
  const char* name;  // empty: as the one before
  FrameDecoder decode;
};
constexpr Decoder kDecoders[] = {
    {1, "Ethernet", ethernet},
    {240, "", after<4, ethernet>},          // netANALYZER
    {241, "", after<4 + 8, ethernet>},      // with preamble
    {281, "", ethertype_at<12 + 4, 18>},    // Broadcom's switch tag
    {282, "", after<4, ethernet>},          // before the frame
    {284, "", ethertype_at<12 + 4, 18>},    // Marvell's
    {285, "", ethertype_at<12 + 8, 22>},    // and its longer one
    {0, "BSD loopback", after<4, raw_ip>},  // the family's number and byte order are the capturing system's; the packet
    {108, "", after<4, raw_ip>},            // says as much
    {12, "raw IP", raw_ip},
    {14, "", raw_ip},
    {101, "", raw_ip},
    {228, "", raw_ip},
    {229, "", raw_ip},
    {113, "Linux cooked", ethertype_at<14, 16>},
    {276, "Linux cooked v2", ethertype_at<0, 20>},
    {9, "PPP", ppp},
    {50, "", ppp},
    {166, "", ppp_of_pppd},
    {204, "", after<1, ppp>},
    {51, "PPPoE", pppoe},
    {104, "Cisco HDLC", ethertype_at<2, 4>},
    {205, "", after<1, ethertype_at<2, 4>>},
    {107, "frame relay", frame_relay},
    {206, "", after<1, frame_relay>},
    {105, "IEEE 802.11", wireless},
    {127, "radiotap", radiotap},
    {163, "AVS", avs},
    {119, "Prism", prism},
    {6, "token ring", token_ring},
    {10, "FDDI", fddi},
    {7, "ARCNET", arcnet},
    {129, "", arcnet_linux},
    {11, "ATM (RFC 2684)", llc_or_bridged},
    {19, "", llc_or_bridged},
    {123, "", sun_atm},
    {122, "IP over Fibre Channel", after<16, llc>},
    {138, "IP over IEEE 1394", ethertype_at<16, 18>},
    {242, "IP over InfiniBand", ethertype_at<40, 44>},
    {143, "DOCSIS", docsis},
    {219, "MPLS", mpls},
    {8, "SLIP", slip},
    {3, "AX.25", ax25},
    {202, "", after<1, ax25>},  // KISS
    {197, "ERF", erf},
    {117, "PF log", pf_log},
    {109, "BSD enc", after<12, raw_ip>},
    {226, "Solaris ipnet", after<24, raw_ip>},
    {239, "NFLOG", netfilter_log},
    {99, "Symantec firewall", ethertype_at<6, 44>},
    {128, "TZSP", tazmen},
    {192, "PPI", per_packet},
    {258, "PKTAP", packet_tap},
};

const Decoder* decoder_of(LinkType type) {
  const auto* found =
      std::find_if(std::begin(kDecoders), std::end(kDecoders), [&](const Decoder& one) { return one.type == type; });
  return found == std::end(kDecoders) ? nullptr : found;
}

/// A frame of another link type behind `header` bytes; not one that has others inside again.
MaybePacket of_link_type(uint32_t type, FrameBytes frame, size_t header) {
  const Decoder* inner = type > INT32_MAX ? nullptr : decoder_of(static_cast<LinkType>(type));
  const bool nested = inner == nullptr || inner->decode == per_packet || inner->decode == packet_tap;
  return nested ? std::nullopt : behind(frame, header, inner->decode);
}

/// Tazmen's sniffer protocol: what is inside, tags, the end's tag, the frame.
MaybePacket tazmen(FrameBytes frame) {
  constexpr uint8_t kPadding = 0, kEnd = 1;
  if (frame.size() < 4 || frame[0] != 1) return std::nullopt;
  const uint16_t content = word(frame, 2);
  const FrameDecoder decode = content == 1     ? ethernet
                              : content == 18  ? wireless
                              : content == 119 ? prism
                              : content == 127 ? avs
                                               : nullptr;
  for (size_t at = 4; decode != nullptr && at < frame.size();) {
    if (frame[at] == kEnd) return behind(frame, at + 1, decode);
    if (frame[at] != kPadding && at + 1 >= frame.size()) break;
    at += frame[at] == kPadding ? 1 : size_t{2} + frame[at + 1];
  }
  return std::nullopt;
}

/// Per-packet information: version, flags, its length, the link type.
MaybePacket per_packet(FrameBytes frame) {
  if (frame.size() < 8 || frame[0] != 0 || little_word(frame, 2) < 8) return std::nullopt;
  return of_link_type(little_long(frame, 4), frame, little_word(frame, 2));
}

/// Apple's: its length, what comes next, the link type; in the byte order of the capturing system, of which the last
/// with the highest byte first are long gone.
MaybePacket packet_tap(FrameBytes frame) {
  constexpr size_t kLeast = 12;
  if (frame.size() < kLeast || little_long(frame, 0) < kLeast) return std::nullopt;
  return of_link_type(little_long(frame, 8), frame, little_long(frame, 0));
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
