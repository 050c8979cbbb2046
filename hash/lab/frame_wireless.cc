// IEEE 802.11, bare and behind the headers that cards and drivers put before it.
#include "hash/lab/frame_bytes.h"
#include "hash/lab/frame_decoders.h"

namespace ecmpd::hash::lab {

/// Data frames with LLC and SNAP; encrypted ones carry nothing that can be read.
MaybePacket wireless(FrameBytes frame) {
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
  return behind(frame, header, llc);
}

MaybePacket radiotap(FrameBytes frame) {
  if (frame.size() < 4) return std::nullopt;
  const size_t header = little_word(frame, 2);
  return header < 4 ? std::nullopt : behind(frame, header, wireless);
}

MaybePacket avs(FrameBytes frame) {
  constexpr size_t kLeast = 8;
  if (frame.size() < kLeast || word(frame, 4) != 0) return std::nullopt;
  const size_t header = word(frame, 6);
  return header < kLeast ? std::nullopt : behind(frame, header, wireless);
}

/// Or an AVS header: drivers gave both under this type.
MaybePacket prism(FrameBytes frame) {
  constexpr size_t kHeader = 144;
  const bool is_avs = frame.size() >= 4 && word(frame, 0) == 0x8021 && (word(frame, 2) & 0xf000) == 0x1000;
  return is_avs ? avs(frame) : behind(frame, kHeader, wireless);
}

}  // namespace ecmpd::hash::lab
