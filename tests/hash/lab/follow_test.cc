// Fragments and ICMP errors go where their connection goes, as far as a router that keeps no state can know.
#include "hash/lab/follow.h"

#include <gtest/gtest.h>

#include "hash/lab/packet_bytes.h"

namespace ecmpd::hash::lab {
namespace {

constexpr uint32_t kConnections = 5000;

Placing placing(const KeyFields& fields, Selector selector, HashFunction function) {
  std::vector<Member> members;
  for (uint32_t i = 0; i < 16; ++i) members.push_back({IpAddress::v4(0x0a000001 + i), 1});
  const auto home = Home::build(selector, members, 0, 7);
  return {fields, Hasher(function, 7), Group{home, std::vector<bool>(members.size(), true)}};
}

double fraction(const Followed& followed, Part part) {
  const Followed::Count& count = followed.parts[static_cast<size_t>(part)];
  EXPECT_GE(count.packets, kConnections);
  return static_cast<double>(count.with_connection) / static_cast<double>(count.packets);
}

TEST(Follow, EverythingIsOnItsMemberInThreeTupleMode) {
  for (const Selector selector : {Selector::kResilient, Selector::kModulo, Selector::kMaglev}) {
    const Followed followed =
        follow(placing(KeyFields::three_tuple(), selector, HashFunction::kXxh32), kConnections, 1);
    for (const Part part : kParts) EXPECT_EQ(fraction(followed, part), 1) << to_string(part);
    EXPECT_EQ(followed.datagrams_together, followed.datagrams);
  }
}

TEST(Follow, ErrorsAreOnTheirMemberInFiveTupleModeAndDatagramsStayWhole) {
  for (const HashFunction function : {HashFunction::kXxh32, HashFunction::kSiphash}) {
    KeyFields symmetric = KeyFields::five_tuple();
    symmetric.symmetric = true;
    for (const KeyFields& fields : {KeyFields::five_tuple(), symmetric}) {
      const Followed followed = follow(placing(fields, Selector::kResilient, function), kConnections, 2);
      EXPECT_EQ(fraction(followed, Part::kWhole), 1);
      EXPECT_EQ(fraction(followed, Part::kError), 1);
      EXPECT_EQ(followed.datagrams, kConnections);
      EXPECT_EQ(followed.datagrams_together, followed.datagrams);
      // Ports that are not in the packet cannot be hashed: 1 in 16 by chance.
      EXPECT_NEAR(fraction(followed, Part::kFragment), 1 / 16.0, 0.01);
      EXPECT_NEAR(fraction(followed, Part::kFragmentError), 1 / 16.0, 0.015);
    }
  }
}

TEST(Follow, AMixHasPacketsOfEveryKind) {
  bool v4 = false, v6 = false, options = false, headers = false;
  for (uint32_t number = 0; number < 100; ++number) {
    for (const MixPacket& packet : mix_connection(number, 3).packets) {
      const bool is_v4 = packet.bytes[0] >> 4 == 4;
      (is_v4 ? v4 : v6) = true;
      options = options || (is_v4 && packet.bytes[0] != 0x45);
      headers = headers || (!is_v4 && packet.part == Part::kWhole && packet.bytes[6] != 6 && packet.bytes[6] != 17 &&
                            packet.bytes[6] != 132);
    }
  }
  EXPECT_TRUE(v4 && v6 && options && headers);
}

TEST(Follow, UnitsOfAMixHaveFlowsAndBytes) {
  const Units units = mix_units(1000, KeyFields::five_tuple(), 4);
  // A connection, and its fragments under a key of their own.
  EXPECT_NEAR(static_cast<double>(units.size()), 2000, 20);
  for (size_t i = 0; i < units.size(); ++i) {
    EXPECT_GE(units.flows[i], 1u);
    EXPECT_GE(units.bytes[i], 1u);
  }
}

}  // namespace
}  // namespace ecmpd::hash::lab
