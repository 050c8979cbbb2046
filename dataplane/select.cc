#include <optional>
#include <span>

#include "dataplane/stages.h"
#include "hash/key_common.h"

namespace ecmpd::dataplane {

namespace {

/// Bytes of the packet in its first segment, from its IP header on.
std::span<const uint8_t> in_segment(const rte_mbuf* packet, const uint8_t* ip) {
  return {ip, static_cast<size_t>(rte_pktmbuf_mtod(packet, const uint8_t*) + packet->data_len - ip)};
}

/// The hash of a packet that is not common: fragments, ICMP errors, options, tunnels.
uint32_t hash_of(std::span<const uint8_t> packet, const HashSettings& settings) {
  const std::optional<hash::PacketKey> key = hash::key_from_packet(packet, settings.fields);
  // parse has found a whole header, so there is always a key.
  return key ? std::visit([&](const auto& k) { return settings.hasher(k); }, *key) : 0;
}

}  // namespace

void select(Burst& burst, const ForwardingState& state) {
  const HashSettings& settings = *state.hash_settings.load(std::memory_order_acquire);
  std::array<hash::Key4, kBurst> keys;
  std::array<uint32_t, kBurst> hashes;
  std::array<uint8_t, kBurst> uncommon;
  unsigned uncommon_count = 0;
  for (unsigned i = 0; i < burst.count; ++i) {
    const auto packet = in_segment(burst.mbuf[i], burst.ip[i]);
    if (hash::is_common4(packet.data(), packet.size(), settings.fields.inner)) [[likely]] {
      keys[i] = hash::key4_common(packet.data(), settings.mask_ports, settings.fields.symmetric);
    } else {
      keys[i] = {};
      uncommon[uncommon_count++] = static_cast<uint8_t>(i);
    }
  }
  settings.hasher.bulk(keys.data(), hashes.data(), burst.count);
  for (unsigned n = 0; n < uncommon_count; ++n) {
    const unsigned i = uncommon[n];
    hashes[i] = hash_of(in_segment(burst.mbuf[i], burst.ip[i]), settings);
  }
  for (unsigned i = 0; i < burst.count; ++i) burst.adjacency[i] = state.group(burst.group[i]).select(hashes[i]);
}

void select(Burst6& burst, const ForwardingState& state) {
  const HashSettings& settings = *state.hash_settings.load(std::memory_order_acquire);
  std::array<hash::Key6, kBurst> keys;
  std::array<uint32_t, kBurst> hashes;
  std::array<uint8_t, kBurst> uncommon;
  unsigned uncommon_count = 0;
  for (unsigned i = 0; i < burst.count; ++i) {
    const auto packet = in_segment(burst.mbuf[i], burst.ip[i]);
    if (hash::is_common6(packet.data(), packet.size(), settings.fields.inner)) [[likely]] {
      keys[i] = hash::key6_common(packet.data(), settings.mask6_ports, settings.fields);
    } else {
      keys[i] = {};
      uncommon[uncommon_count++] = static_cast<uint8_t>(i);
    }
  }
  settings.hasher.bulk(keys.data(), hashes.data(), burst.count);
  for (unsigned n = 0; n < uncommon_count; ++n) {
    const unsigned i = uncommon[n];
    hashes[i] = hash_of(in_segment(burst.mbuf[i], burst.ip[i]), settings);
  }
  for (unsigned i = 0; i < burst.count; ++i) burst.adjacency[i] = state.group(burst.group[i]).select(hashes[i]);
}

}  // namespace ecmpd::dataplane
