#include "hash/lab/follow.h"

#include <optional>

namespace ecmpd::hash::lab {

Followed follow(const Placing& placing, uint32_t connections, uint64_t seed) {
  Followed out;
  for (uint32_t number = 0; number < connections; ++number) {
    const MixConnection connection = mix_connection(number, seed);
    const auto member = placing.place(connection.tuple).member;
    std::optional<uint16_t> of_fragments;
    bool together = true;
    for (const MixPacket& packet : connection.packets) {
      const auto of_packet = placing.place(std::span<const uint8_t>(packet.bytes)).value().member;
      Followed::Count& count = out.parts[static_cast<size_t>(packet.part)];
      ++count.packets;
      count.with_connection += of_packet == member ? 1 : 0;
      if (packet.part != Part::kFragment) continue;
      together = together && (!of_fragments || of_fragments == of_packet);
      of_fragments = of_packet;
    }
    ++out.datagrams;
    out.datagrams_together += together ? 1 : 0;
  }
  return out;
}

}  // namespace ecmpd::hash::lab
