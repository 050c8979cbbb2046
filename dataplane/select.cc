#include <bit>
#include <optional>
#include <span>

#include "dataplane/recorder.h"
#include "dataplane/stages.h"
#include "hash/key_common.h"

namespace ecmpd::dataplane {

namespace {

/// Bytes of the packet in its first segment, from its IP header on.
std::span<const uint8_t> in_segment(const rte_mbuf* packet, const uint8_t* ip) {
  return {ip, static_cast<size_t>(rte_pktmbuf_mtod(packet, const uint8_t*) + packet->data_len - ip)};
}

/// The hash of a packet that is not common: fragments, ICMP errors, options, tunnels.
uint32_t hash_of(const rte_mbuf* mbuf, const uint8_t* ip, const HashSettings& settings, Recorder* recorder) {
  const std::optional<hash::PacketKey> key = hash::key_from_packet(in_segment(mbuf, ip), settings.fields);
  // parse has found a whole header, so there is always a key.
  if (!key) return 0;
  if (recorder != nullptr) [[unlikely]]
    recorder->keyed(mbuf, hash::bytes_of(*key));
  return std::visit([&](const auto& k) { return settings.hasher(k); }, *key);
}

/// What the packets' hashes choose, told to the recorder.
template <typename AnyBurst, typename Key>
void choose_and_record(AnyBurst& burst, const Key& mask, const uint32_t* hashes, const ForwardingState& state) {
  for (unsigned i = 0; i < burst.count; ++i) {
    const Group& group = state.group(burst.group[i]);
    const Key key = masked(burst.key[i], mask);
    burst.adjacency[i] = group.select(hashes[i]);
    burst.recorder->selected(burst.mbuf[i], {.group = burst.group[i],
                                             .buckets = group.size(),
                                             .indexing = group.indexing(),
                                             .bucket = group.bucket(hashes[i]),
                                             .key = key.bytes,
                                             .hash = hashes[i],
                                             .adjacency = burst.adjacency[i]});
  }
}

template <typename AnyBurst, typename Key>
void choose(AnyBurst& burst, const Key& mask, const uint32_t* hashes, const ForwardingState& state) {
  if (burst.recorder != nullptr) [[unlikely]]
    return choose_and_record(burst, mask, hashes, state);
  const std::atomic<const Group*>* groups = state.groups.get();
  for (unsigned i = 0, count = burst.count; i < count; ++i) {
    const Group& group = *groups[raw(burst.group[i])].load(std::memory_order_acquire);
    burst.adjacency[i] = group.select(hashes[i]);
  }
}

/// What lies in the headers as keys, but for the mask, which the hash takes: a pass less over them (0.7 cycles a
/// packet). Slots of uncommon packets are zeros, and stay so.
void prepare_keys(Burst& burst, const HashSettings& settings) {
  if (settings.fields.symmetric) [[unlikely]] {
    for (unsigned i = 0; i < burst.count; ++i) burst.key[i] = hash::sort_endpoints(burst.key[i]);
  }
}

void prepare_keys(Burst6& burst, const HashSettings& settings) {
  if (settings.fields.flow_label || settings.fields.symmetric) [[unlikely]] {
    for (unsigned i = 0; i < burst.count; ++i) {
      if (burst.common >> i & 1) burst.key[i] = hash::key6_common(burst.ip[i], settings.mask6_ports, settings.fields);
    }
  }
}

/// Of their keys what counts.
const hash::Key4& mask_of(const Burst&, const HashSettings& settings) { return settings.mask_ports; }
const hash::Key6& mask_of(const Burst6&, const HashSettings& settings) { return settings.mask6_ports; }

bool may_be_tunnel(const Burst&, std::span<const uint8_t> packet) {
  return !hash::is_common4(packet.data(), packet.size(), true);
}
bool may_be_tunnel(const Burst6&, std::span<const uint8_t> packet) {
  return !hash::is_common6(packet.data(), packet.size(), true);
}

/// Of the common packets those that may be a tunnel's, a bit for each.
template <typename AnyBurst>
uint64_t tunnels(const AnyBurst& burst) {
  uint64_t out = 0;
  for (uint64_t slots = first_slots(burst.count) & burst.common; slots != 0; slots &= slots - 1) {
    const auto i = static_cast<unsigned>(std::countr_zero(slots));
    out |= uint64_t{may_be_tunnel(burst, in_segment(burst.mbuf[i], burst.ip[i]))} << i;
  }
  return out;
}

template <typename AnyBurst>
void select_as(AnyBurst& burst, const ForwardingState& state) {
  const HashSettings& settings = *state.hash_settings.load(std::memory_order_acquire);
  std::array<uint32_t, kBurst> hashes;
  prepare_keys(burst, settings);
  const auto& mask = mask_of(burst, settings);
  settings.hasher.bulk(burst.key.data(), mask, hashes.data(), burst.count);
  // What a common packet is does not depend on the settings, with one exception: it may be a tunnel's.
  uint64_t others = first_slots(burst.count) & ~burst.common;
  if (settings.fields.inner) [[unlikely]]
    others |= tunnels(burst);
  for (; others != 0; others &= others - 1) {
    const auto i = static_cast<unsigned>(std::countr_zero(others));
    hashes[i] = hash_of(burst.mbuf[i], burst.ip[i], settings, burst.recorder);
  }
  choose(burst, mask, hashes.data(), state);
}

}  // namespace

void select(Burst& burst, const ForwardingState& state) { select_as(burst, state); }
void select(Burst6& burst, const ForwardingState& state) { select_as(burst, state); }

}  // namespace ecmpd::dataplane
