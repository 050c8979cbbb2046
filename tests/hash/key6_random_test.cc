// The ways to an IPv6 key agree, on packets that are nearly right, and no bytes at all do harm.
#include <gtest/gtest.h>

#include <memory>

#include "hash/ip_layer.h"
#include "hash/key_common.h"
#include "hash/lab/packet_bytes.h"
#include "hash/random.h"

namespace ecmpd::hash {
namespace {

using lab::Bytes;

KeyFields random_fields(Random& random) {
  const auto flag = [&] { return random.below(2) == 1; };
  return {.protocol = flag(),
          .src = flag(),
          .dst = flag(),
          .sport = flag(),
          .dport = flag(),
          .flow_label = flag(),
          .symmetric = flag(),
          .inner = flag()};
}

template <size_t kCount>
uint8_t one_of(Random& random, const uint8_t (&values)[kCount]) {
  return values[random.below(kCount)];
}

/// Random bytes in which the fields that decide about the key often have their usual values.
Bytes random_packet(Random& random) {
  constexpr uint8_t kNext[] = {6, 17, 6, 17, 58, 58, 0, 43, 44, 60, 132, 47, 4, 41, 51};
  constexpr uint8_t kTypes[] = {1, 2, 3, 4, 128};
  Bytes p(40 + random.below(160));
  for (auto& byte : p) byte = static_cast<uint8_t>(random.next());
  size_t at = 0;
  while (at + 40 <= p.size()) {
    if (random.below(8) != 0) p[at] = 0x60;
    if (random.below(8) != 0) p[at + 4] = 0;
    p[at + 6] = one_of(random, kNext);
    uint8_t next = p[at + 6];
    at += 40;
    while ((next == 0 || next == 43 || next == 44 || next == 60) && at + 8 <= p.size()) {
      p[at] = one_of(random, kNext);
      p[at + 1] = static_cast<uint8_t>(random.below(3));
      if (next == 44 && random.below(2) != 0) p[at + 2] = p[at + 3] = 0;
      at += next == 44 ? 8 : (p[at + 1] + 1u) * 8u;
      next = p[at <= p.size() - 8 ? at : 0];
    }
    if (at < p.size() && random.below(4) != 0) p[at] = one_of(random, kTypes);
    at += 8;
  }
  return p;
}

Tuple tuple_of(const Bytes& p) {
  return {.src = IpAddress::v6(&p[8]),
          .dst = IpAddress::v6(&p[24]),
          .protocol = p[6],
          .sport = static_cast<uint16_t>(p[40] << 8 | p[41]),
          .dport = static_cast<uint16_t>(p[42] << 8 | p[43]),
          .flow_label = (p[1] & 0x0fu) << 16 | static_cast<uint32_t>(p[2]) << 8 | p[3]};
}

TEST(Key6Random, CommonPathAgreesWithPacketAndTuple) {
  Random random(2);
  unsigned common = 0;
  for (int i = 0; i < 500'000; ++i) {
    const Bytes p = random_packet(random);
    const KeyFields fields = random_fields(random);
    if (!is_common6(p.data(), p.size(), fields.inner)) continue;
    ++common;
    const Key6 key = key6_common(p.data(), mask6(fields, true), fields);
    ASSERT_EQ(key, key6_from_packet(p, fields)) << to_hex(p);
    ASSERT_EQ(key, key6_from_tuple(tuple_of(p), fields)) << to_hex(p);
    if (p[0] >> 4 == 6) {
      ASSERT_EQ(PacketKey(key), key_from_packet(p, fields)) << to_hex(p);
    }
  }
  EXPECT_GT(common, 50'000u);
}

/// Each packet lies in an allocation of its own size, so that the address sanitizer sees a read beyond it.
TEST(Key6Random, AnyBytesGiveAKeyWithinTheMask) {
  Random random(3);
  unsigned entered = 0;
  for (int i = 0; i < 200'000; ++i) {
    const Bytes p = random_packet(random);
    const auto exact = std::make_unique<uint8_t[]>(p.size());
    std::copy(p.begin(), p.end(), exact.get());
    const KeyFields fields = random_fields(random);
    const Key6 key = key6_from_packet({exact.get(), p.size()}, fields);
    ASSERT_EQ(key, masked(key, mask6(fields, true))) << to_hex(p);
    const auto any = key_from_packet({exact.get(), p.size()}, fields);
    ASSERT_EQ(any.has_value(), begins_with_ip(p));
    if (any && *any != PacketKey(key)) ++entered;
  }
  EXPECT_GT(entered, 1'000u) << "tunnels";
}

TEST(Key6Random, BytesThatDoNotCountDoNotMatter) {
  Random random(4);
  for (int i = 0; i < 200'000; ++i) {
    Bytes p = random_packet(random);
    const KeyFields fields = random_fields(random);
    const Key6 before = key6_from_packet(p, fields);
    p[0] = static_cast<uint8_t>((p[0] & 0xf0) | random.below(16));       // traffic class
    p[1] = static_cast<uint8_t>((p[1] & 0x0f) | random.below(16) << 4);  // traffic class
    p[7] = static_cast<uint8_t>(random.next());                          // hop limit
    if (!fields.flow_label) p[2] = static_cast<uint8_t>(random.next()), p[3] = p[1] = p[2];
    ASSERT_EQ(before, key6_from_packet(p, fields)) << to_hex(p);
  }
}

TEST(Key6Random, ExtensionHeadersChangeNothing) {
  Random random(5);
  constexpr uint8_t kHeaders[] = {protocol::kHopByHop, protocol::kRouting, protocol::kDestinationOptions};
  for (int i = 0; i < 20'000; ++i) {
    uint8_t bytes[32];
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.next());
    constexpr uint8_t kProtocols[] = {6, 17, 132, 33, 58, 47, 50, 51};
    const Tuple tuple{.src = IpAddress::v6(bytes),
                      .dst = IpAddress::v6(bytes + 16),
                      .protocol = one_of(random, kProtocols),
                      .sport = static_cast<uint16_t>(random.next()),
                      .dport = static_cast<uint16_t>(random.next()),
                      .flow_label = static_cast<uint32_t>(random.below(1u << 20))};
    lab::IpShape shape;
    for (uint64_t n = random.below(kMaxExtensionHeaders + 1); n > 0; --n) {
      shape.extensions.push_back(random.below(4) == 0
                                     ? lab::fragment_header(0, false)
                                     : lab::options_header(one_of(random, kHeaders), 8 * (1 + random.below(6))));
    }
    KeyFields fields = random_fields(random);
    ASSERT_EQ(key6_from_packet(lab::packet_of(tuple, shape), fields), key6_from_tuple(tuple, fields));
    ASSERT_EQ(key6_from_packet(lab::icmp_error(2, tuple.dst, lab::packet_of(lab::reversed(tuple), shape)), fields),
              key6_from_tuple(tuple, fields));
    fields.symmetric = true;
    ASSERT_EQ(key6_from_tuple(lab::reversed(tuple), fields), key6_from_tuple(tuple, fields));
  }
}

}  // namespace
}  // namespace ecmpd::hash
