// The three ways to a key agree, on packets that are nearly right, and no bytes at all do harm.
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "hash/ip_layer.h"
#include "hash/key_common.h"
#include "hash/random.h"

namespace ecmpd::hash {
namespace {

KeyFields random_fields(Random& random) {
  const auto flag = [&] { return random.below(2) == 1; };
  return {.protocol = flag(),
          .src = flag(),
          .dst = flag(),
          .sport = flag(),
          .dport = flag(),
          .symmetric = flag(),
          .inner = flag()};
}

/// Random bytes in which the fields that decide about the key often have their usual values.
std::vector<uint8_t> random_packet(Random& random) {
  std::vector<uint8_t> p(20 + random.below(60));
  for (auto& byte : p) byte = static_cast<uint8_t>(random.next());
  constexpr uint8_t kProtocols[] = {6, 17, 6, 17, 1, 1, 132, 33, 47, 50, 4, 41};
  constexpr uint8_t kTypes[] = {3, 11, 3, 8, 0};
  const auto settle = [&](size_t at) {
    if (at + 20 > p.size()) return;
    if (random.below(8) != 0) p[at] = static_cast<uint8_t>(0x40 + (random.below(4) != 0 ? 5 : random.below(16)));
    if (random.below(8) != 0) p[at + 2] = 0;
    if (random.below(8) != 0) p[at + 6] = 0x40, p[at + 7] = 0;
    if (random.below(8) != 0) p[at + 9] = kProtocols[random.below(std::size(kProtocols))];
  };
  settle(0);
  const size_t l4 = (p[0] & 15u) * 4u;
  if (l4 + 8 < p.size() && random.below(4) != 0) p[l4] = kTypes[random.below(std::size(kTypes))];
  settle(l4 + 8);
  return p;
}

TEST(Key4Random, CommonPathAgreesWithPacketAndTuple) {
  Random random(2);
  unsigned common = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    const auto p = random_packet(random);
    const KeyFields fields = random_fields(random);
    if (!is_common4(p.data(), p.size(), fields.inner)) continue;
    ++common;
    const Key4 key = key4_common(p.data(), mask4(fields, true), fields.symmetric);
    ASSERT_EQ(key, key4_from_packet(p, fields)) << to_hex(p);
    ASSERT_EQ(PacketKey(key), key_from_packet(p, fields)) << to_hex(p);
    const auto word = [&p](size_t at) { return uint32_t{p[at]} << 8 | p[at + 1]; };
    const Tuple tuple{.src = IpAddress::v4(word(12) << 16 | word(14)),
                      .dst = IpAddress::v4(word(16) << 16 | word(18)),
                      .protocol = p[9],
                      .sport = static_cast<uint16_t>(word(20)),
                      .dport = static_cast<uint16_t>(word(22))};
    ASSERT_EQ(key, key4_from_tuple(tuple, fields)) << to_hex(p);
  }
  EXPECT_GT(common, 50'000u);
}

/// Each packet lies in an allocation of its own size, so that the address sanitizer sees a read beyond it.
TEST(Key4Random, AnyBytesGiveAKeyWithinTheMask) {
  Random random(3);
  for (int i = 0; i < 300'000; ++i) {
    const auto p = random_packet(random);
    const auto exact = std::make_unique<uint8_t[]>(p.size());
    std::copy(p.begin(), p.end(), exact.get());
    const KeyFields fields = random_fields(random);
    const Key4 key = key4_from_packet({exact.get(), p.size()}, fields);
    ASSERT_EQ(key, masked(key, mask4(fields, true))) << to_hex(p);
    const auto any = key_from_packet({exact.get(), p.size()}, fields);
    ASSERT_EQ(any.has_value(), begins_with_ip(p));
    if (any && !fields.inner && p[0] >> 4 == 4) {
      ASSERT_EQ(*any, PacketKey(key));
    }
  }
}

TEST(Key4Random, BytesThatDoNotCountDoNotMatter) {
  Random random(4);
  for (int i = 0; i < 300'000; ++i) {
    auto p = random_packet(random);
    const KeyFields fields = random_fields(random);
    const Key4 before = key4_from_packet(p, fields);
    for (const size_t at : {1, 4, 5, 8, 10, 11}) p[at] = static_cast<uint8_t>(random.next());  // TOS, id, TTL, checksum
    ASSERT_EQ(before, key4_from_packet(p, fields)) << to_hex(p);
  }
}

}  // namespace
}  // namespace ecmpd::hash
