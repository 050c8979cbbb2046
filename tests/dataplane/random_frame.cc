#include "tests/dataplane/random_frame.h"

#include <rte_ip.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <initializer_list>

namespace ecmpd::dataplane::test {

namespace {

constexpr size_t kIp = 14;

template <typename T>
T one_of(hash::Random& random, std::initializer_list<T> values) {
  return values.begin()[random.below(static_cast<uint32_t>(values.size()))];
}
bool chance(hash::Random& random, uint32_t in) { return random.below(in) == 0; }

void put(Bytes& frame, size_t at, std::initializer_list<int> bytes) {
  for (const int byte : bytes) frame[at++] = static_cast<uint8_t>(byte);
}
void put16(Bytes& frame, size_t at, unsigned value) { put(frame, at, {int(value >> 8 & 0xff), int(value & 0xff)}); }

Bytes base(hash::Random& random, size_t header, size_t payload, uint16_t type) {
  Bytes frame(kIp + header + payload);
  for (uint8_t& byte : frame) byte = static_cast<uint8_t>(random.next());
  const Bytes to = port_mac(0);
  std::copy(to.begin(), to.end(), frame.begin());
  put16(frame, 12, type);
  return frame;
}

/// Ports of all kinds, and those of tunnels and BGP now and then.
void ports(hash::Random& random, Bytes& frame, size_t at) {
  if (chance(random, 8) && frame.size() >= at + 4) put16(frame, at + 2, one_of(random, {4789u, 179u, 53u}));
}

/// Other ways than the service's, and no way.
void other_destination4(hash::Random& random, Bytes& frame) {
  const std::array<std::array<uint8_t, 4>, 8> others{{{198, 51, 100, 1},
                                                      {198, 18, 0, 1},
                                                      {192, 0, 2, 1},
                                                      {10, 0, 1, 1},
                                                      {10, 0, 2, 77},
                                                      {10, 0, 0, 255},
                                                      {8, 8, 8, 8},
                                                      {10, 0, 9, 9}}};
  const auto& to = others[random.below(others.size())];
  std::copy(to.begin(), to.end(), frame.begin() + kIp + 16);
}
void other_destination6(hash::Random& random, Bytes& frame) {
  put16(frame, kIp + 28, one_of(random, {0x51u, 0x4u, 0x2u, 0x9u, 0x77u}));
}

/// As far as the header's length and the frame go.
uint16_t checksum4(Bytes& frame) {
  put16(frame, kIp + 10, 0);
  const size_t summed = std::min<size_t>((frame[kIp] & 15) * 4u, frame.size() - kIp);
  return static_cast<uint16_t>(~rte_raw_cksum(&frame[kIp], summed & ~size_t{3}));
}

Bytes random_ipv4(hash::Random& random) {
  const bool options = chance(random, 12);
  const size_t header = options ? 20 + 4 * random.below(11) : 20;
  const size_t payload = chance(random, 10)  ? random.below(8)
                         : chance(random, 8) ? 1200 + random.below(300)
                                             : 8 + random.below(60);
  Bytes frame = base(random, header, payload, 0x0800);
  frame[kIp] = static_cast<uint8_t>(0x40 | header / 4);
  put16(frame, kIp + 2, static_cast<unsigned>(header + payload));
  put16(frame, kIp + 6, chance(random, 10) ? static_cast<unsigned>(random.next()) : one_of(random, {0u, 0x4000u}));
  frame[kIp + 8] = static_cast<uint8_t>(chance(random, 8) ? random.below(3) : 3 + random.below(253));
  frame[kIp + 9] = static_cast<uint8_t>(chance(random, 8) ? random.next() : one_of(random, {6u, 17u}));
  put(frame, kIp + 12, {10, int(random.below(256))});
  put(frame, kIp + 16, {203, 0, one_of(random, {113, 113, 113, 114})});
  if (chance(random, 6)) other_destination4(random, frame);
  if (chance(random, 20))
    frame[kIp + (chance(random, 2) ? 12 : 16)] = one_of<uint8_t>(random, {0, 1, 127, 223, 224, 240, 255});
  ports(random, frame, kIp + header);
  if (chance(random, 25)) frame[kIp + random.below(20)] = static_cast<uint8_t>(random.next());
  if (chance(random, 20)) put16(frame, kIp + 2, random.below(static_cast<uint32_t>(header + payload + 8)));
  const uint16_t sum = checksum4(frame);
  reinterpret_cast<rte_ipv4_hdr*>(&frame[kIp])->hdr_checksum =
      chance(random, 20) ? static_cast<uint16_t>(random.next()) : sum;
  return frame;
}

Bytes random_ipv6(hash::Random& random) {
  const size_t payload = chance(random, 10)  ? random.below(8)
                         : chance(random, 8) ? 1180 + random.below(300)
                                             : 8 + random.below(60);
  Bytes frame = base(random, 40, payload, 0x86dd);
  frame[kIp] = static_cast<uint8_t>(0x60 | (frame[kIp] & 15));
  put16(frame, kIp + 4, static_cast<unsigned>(payload));
  frame[kIp + 6] = static_cast<uint8_t>(chance(random, 8) ? one_of(random, {0u, 43u, 44u, 58u, 60u, 132u, 255u})
                                                          : one_of(random, {6u, 17u}));
  frame[kIp + 7] = static_cast<uint8_t>(chance(random, 8) ? random.below(3) : 3 + random.below(253));
  put(frame, kIp + 8, {0x20, 0x01, 0x0d, 0xb8});
  put(frame, kIp + 24, {0x20, 0x01, 0x0d, 0xb8, 0x01, 0x13});
  if (chance(random, 6)) other_destination6(random, frame);
  if (chance(random, 12)) {
    const size_t at = kIp + (chance(random, 2) ? 8 : 24);
    const unsigned top = one_of(random, {0u, 0xfe80u, 0xfebfu, 0xfec0u, 0xff02u, 0xff0eu, 0xfd00u});
    std::fill_n(frame.begin() + static_cast<long>(at), 16, 0);
    put16(frame, at, top);
    if (top == 0xfd00) put(frame, at + 3, {int(random.below(5))});
    frame[at + 15] = static_cast<uint8_t>(random.below(3));
  }
  ports(random, frame, kIp + 40);
  if (chance(random, 25)) frame[kIp + random.below(40)] = static_cast<uint8_t>(random.next());
  if (chance(random, 20)) put16(frame, kIp + 4, random.below(static_cast<uint32_t>(payload + 8)));
  return frame;
}

}  // namespace

Bytes random_frame(hash::Random& random) {
  Bytes frame = chance(random, 3) ? random_ipv6(random) : random_ipv4(random);
  if (chance(random, 5)) frame.resize(frame.size() + random.below(20));  // padding
  if (chance(random, 30)) frame.resize(1 + random.below(static_cast<uint32_t>(frame.size())));
  if (chance(random, 40) && frame.size() >= kIp) {
    const Bytes mac = chance(random, 2) ? Bytes(6, 0xff) : neighbor_mac(random.below(4));
    std::copy(mac.begin(), mac.end(), frame.begin());
  }
  if (chance(random, 40) && frame.size() >= kIp)
    put16(frame, 12, one_of(random, {0x0806u, 0x8100u, 0x0800u, 0x86ddu, 0x88ccu}));
  return frame;
}

Bytes random_common_frame(hash::Random& random, hash::Family family) {
  const bool v4 = family == hash::Family::kIpv4;
  const size_t header = v4 ? 20 : 40;
  const size_t payload = chance(random, 8) ? 1180 + random.below(260) : 4 + random.below(64);
  Bytes frame = base(random, header, payload, v4 ? 0x0800 : 0x86dd);
  const int protocol = one_of(random, {6, 17}), hops = static_cast<int>(2 + random.below(254));
  if (v4) {
    frame[kIp] = 0x45;
    put16(frame, kIp + 2, static_cast<unsigned>(header + payload));
    put16(frame, kIp + 6, one_of(random, {0u, 0x4000u}));
    put(frame, kIp + 8, {hops, protocol});
    put(frame, kIp + 12, {10, int(random.below(256))});
    put(frame, kIp + 16, {203, 0, 113});
    if (chance(random, 6)) other_destination4(random, frame);
    reinterpret_cast<rte_ipv4_hdr*>(&frame[kIp])->hdr_checksum = checksum4(frame);
  } else {
    frame[kIp] = static_cast<uint8_t>(0x60 | (frame[kIp] & 15));
    put16(frame, kIp + 4, static_cast<unsigned>(payload));
    put(frame, kIp + 6, {protocol, hops});
    put(frame, kIp + 8, {0x20, 0x01, 0x0d, 0xb8});
    put(frame, kIp + 24, {0x20, 0x01, 0x0d, 0xb8, 0x01, 0x13});
    if (chance(random, 6)) other_destination6(random, frame);
  }
  ports(random, frame, kIp + header);
  if (chance(random, 5)) frame.resize(frame.size() + random.below(20));
  return frame;
}

void move_frame(hash::Random& random, rte_mbuf* packet) {
  if (!chance(random, 16)) return;
  const auto by = static_cast<uint16_t>(2 * (1 + random.below(32)));  // DPDK's headers are for even addresses
  char* from = rte_pktmbuf_mtod(packet, char*);
  std::memmove(rte_pktmbuf_prepend(packet, by), from, packet->data_len);
  (void)rte_pktmbuf_trim(packet, by);
}

void random_mbuf(hash::Random& random, rte_mbuf* packet) {
  move_frame(random, packet);
  if (chance(random, 20)) {
    packet->ol_flags |= one_of(random, {RTE_MBUF_F_RX_IP_CKSUM_GOOD, RTE_MBUF_F_RX_IP_CKSUM_BAD,
                                        RTE_MBUF_F_RX_IP_CKSUM_NONE, RTE_MBUF_F_RX_VLAN, RTE_MBUF_F_RX_VLAN_STRIPPED});
  }
  if (chance(random, 30) && packet->data_len > 1) {
    rte_mbuf* second = rte_pktmbuf_alloc(packet->pool);
    const auto rest = static_cast<uint16_t>(1 + random.below(packet->data_len - 1u));
    std::memcpy(rte_pktmbuf_append(second, rest), rte_pktmbuf_mtod_offset(packet, const char*, packet->data_len - rest),
                rest);
    (void)rte_pktmbuf_trim(packet, rest);
    (void)rte_pktmbuf_chain(packet, second);
  }
}

}  // namespace ecmpd::dataplane::test
