// What the classify kernels share: where a burst's frames lie, and what is done to a common packet.
//
// Internal to dataplane/classify*. Worker only.
#pragma once

#include <rte_ether.h>
#include <rte_mbuf.h>
#include <rte_prefetch.h>

#include <array>
#include <bit>
#include <cstring>

#include "dataplane/burst.h"
#include "dataplane/port.h"

namespace ecmpd::dataplane::classify {

inline constexpr unsigned kEthernet = sizeof(rte_ether_hdr);
/// Behind these a packet has its ports.
inline constexpr unsigned kLeast4 = kEthernet + 24;
inline constexpr unsigned kLeast6 = kEthernet + 44;
/// The most packets that a kernel looks at together.
inline constexpr unsigned kLanes = 16;

/// What makes a packet uncommon whatever it holds: a tag was taken off that no sub-port claimed.
inline constexpr uint64_t kOddFlags = RTE_MBUF_F_RX_VLAN_STRIPPED;

/// Stands for the frames that cannot be common; its EtherType is nobody's.
alignas(64) inline constexpr std::array<uint8_t, 64> kNoFrame{};

/// The first bytes of a frame that is common, and which of them count: destination MAC, EtherType, version and IHL.
struct Opening {
  alignas(16) std::array<uint8_t, 16> bytes{};
  alignas(16) std::array<uint8_t, 16> mask{};
};
inline Opening opening4(const PortFacts& port) {
  Opening out;
  std::memcpy(out.bytes.data(), port.mac.addr_bytes, 6);
  std::memset(out.mask.data(), 0xff, 6);
  out.bytes[12] = 0x08;
  out.bytes[14] = 0x45;
  out.mask[12] = out.mask[13] = out.mask[14] = 0xff;
  return out;
}
inline Opening opening6(const PortFacts& port) {
  Opening out = opening4(port);
  out.bytes[12] = 0x86;
  out.bytes[13] = 0xdd;
  out.bytes[14] = 0x60;
  out.mask[14] = 0xf0;
  return out;
}

struct Frames {
  alignas(64) std::array<const uint8_t*, kBurst> start;
  alignas(64) std::array<uint32_t, kBurst> bytes;
};

/// One pass over the mbufs, before those over the frames: the loads of frames are under way meanwhile. Fills `ip`.
/// kNoFrame for what cannot be common, and up to the next multiple of kLanes. Returns the bytes of all the packets.
inline uint64_t find_frames(Burst& burst, Frames& frames) {
  const unsigned count = burst.count;
  uint64_t sum = 0;
  for (unsigned i = 0; i < count; ++i) {
    rte_mbuf* packet = burst.mbuf[i];
    uint8_t* frame = rte_pktmbuf_mtod(packet, uint8_t*);
    rte_prefetch0(frame);
    const uint32_t bytes = packet->pkt_len;  // which are data_len in one segment
    sum += bytes;
    burst.ip[i] = frame + kEthernet;
    frames.start[i] = frame;
    if (packet->nb_segs != 1 || (packet->ol_flags & kOddFlags) != 0 || bytes < kLeast4) [[unlikely]]
      frames.start[i] = kNoFrame.data();
    frames.bytes[i] = bytes;
  }
  for (unsigned i = count; i % kLanes != 0; ++i) {
    frames.start[i] = kNoFrame.data();
    frames.bytes[i] = 0;
  }
  return sum;
}

/// Ethernet padding is not part of the packet and does not travel on. `ip_bytes` is the packet's own length.
inline void take_padding_off(rte_mbuf* packet, unsigned ip_bytes) {
  packet->pkt_len = kEthernet + ip_bytes;
  packet->data_len = static_cast<uint16_t>(kEthernet + ip_bytes);
}

uint64_t common4_generic(Burst& burst, const PortFacts& port, const Frames& frames);
uint64_t common4_avx2(Burst& burst, const PortFacts& port, const Frames& frames);
uint64_t common4_avx512(Burst& burst, const PortFacts& port, const Frames& frames);
uint64_t common6_generic(Burst& burst, Burst6& burst6, const PortFacts& port, const Frames& frames);
uint64_t common6_avx2(Burst& burst, Burst6& burst6, const PortFacts& port, const Frames& frames);
uint64_t common6_avx512(Burst& burst, Burst6& burst6, const PortFacts& port, const Frames& frames);

}  // namespace ecmpd::dataplane::classify
