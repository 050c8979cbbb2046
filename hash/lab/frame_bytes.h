// Reading numbers in frames, and what an IP packet is known by. Pure functions; any thread.
#pragma once

#include "hash/lab/frame_decoders.h"

namespace ecmpd::hash::lab {

/// 16 bits in network byte order; `bytes` has them.
inline uint16_t word(FrameBytes bytes, size_t at) { return static_cast<uint16_t>(bytes[at] << 8 | bytes[at + 1]); }
/// The same with the lowest byte first.
inline uint16_t little_word(FrameBytes bytes, size_t at) {
  return static_cast<uint16_t>(bytes[at + 1] << 8 | bytes[at]);
}
inline uint32_t little_long(FrameBytes bytes, size_t at) {
  return uint32_t{little_word(bytes, at + 2)} << 16 | little_word(bytes, at);
}

/// `packet` if its first byte says `version`.
inline MaybePacket ip_of_version(FrameBytes packet, uint8_t version) {
  if (packet.empty() || packet[0] >> 4 != version) return std::nullopt;
  return packet;
}

/// `frame` from `size` on, decoded, if it is so long.
inline MaybePacket behind(FrameBytes frame, size_t size, FrameDecoder decode) {
  return frame.size() < size ? std::nullopt : decode(frame.subspan(size));
}

}  // namespace ecmpd::hash::lab
