// What operating systems' logs put before a packet.
#include <algorithm>

#include "hash/lab/frame_bytes.h"
#include "hash/lab/frame_decoders.h"

namespace ecmpd::hash::lab {

/// pf's log of BSDs: a header that begins with its length, padded to a multiple of four.
MaybePacket pf_log(FrameBytes frame) {
  constexpr size_t kLeast = 20;  // address family, action, reason, interface
  if (frame.empty() || frame[0] < kLeast) return std::nullopt;
  return behind(frame, (size_t{frame[0]} + 3) / 4 * 4, raw_ip);
}

/// Linux's NFLOG: address family, version 0, a number, then attributes padded to a multiple of four, of which one is
/// the packet.
MaybePacket netfilter_log(FrameBytes frame) {
  constexpr size_t kHeader = 4, kAttribute = 4;
  constexpr uint16_t kPayload = 9;
  if (frame.size() < kHeader || frame[1] != 0) return std::nullopt;
  frame = frame.subspan(kHeader);
  while (frame.size() >= kAttribute) {
    const size_t size = little_word(frame, 0);
    if (size < kAttribute) return std::nullopt;
    if ((little_word(frame, 2) & 0x7fff) == kPayload) return raw_ip(frame.subspan(kAttribute));
    frame = frame.subspan(std::min((size + 3) / 4 * 4, frame.size()));
  }
  return std::nullopt;
}

}  // namespace ecmpd::hash::lab
