#include "dataplane/stages.h"
#include "hash/key_common.h"

namespace ecmpd::dataplane {

namespace {

hash::Key4 key_of(const rte_mbuf* packet, const uint8_t* ip, const HashSettings& settings) {
  const auto in_segment = static_cast<size_t>(rte_pktmbuf_mtod(packet, const uint8_t*) + packet->data_len - ip);
  if (hash::is_common4(ip, in_segment)) [[likely]] {
    return hash::key4_common(ip, settings.mask_ports, settings.fields.symmetric);
  }
  return hash::key4_from_packet({ip, in_segment}, settings.fields);
}

}  // namespace

void select(Burst& burst, const ForwardingState& state) {
  const HashSettings& settings = *state.hash_settings.load(std::memory_order_acquire);
  std::array<hash::Key4, kBurst> keys;
  std::array<uint32_t, kBurst> hashes;
  for (unsigned i = 0; i < burst.count; ++i) keys[i] = key_of(burst.mbuf[i], burst.ip[i], settings);
  hash::xxh32_bulk(keys.data(), hashes.data(), burst.count, settings.seed);
  for (unsigned i = 0; i < burst.count; ++i) burst.adjacency[i] = state.group(burst.group[i]).select(hashes[i]);
}

}  // namespace ecmpd::dataplane
