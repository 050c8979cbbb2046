#include "dataplane/fib_record.h"

#include <gtest/gtest.h>

#include <random>
#include <unordered_map>

namespace ecmpd::dataplane {
namespace {

TEST(FibRecord, LengthsAreSeparate) {
  FibRecord<uint32_t, 32> record;
  EXPECT_TRUE(record.set(0x0a000000, 8, GroupId{8}));
  EXPECT_TRUE(record.set(0x0a000000, 32, GroupId{32}));
  EXPECT_TRUE(record.set(0, 0, kNoRoute));
  EXPECT_FALSE(record.set(0x0a000000, 8, GroupId{9}));
  EXPECT_EQ(record.find(0x0a123456, 8), GroupId{9});
  EXPECT_EQ(record.find(0x0a000000, 32), GroupId{32});
  EXPECT_EQ(record.find(0xffffffff, 0), kNoRoute);
  EXPECT_EQ(record.find(0x0a000000, 16), std::nullopt);
  EXPECT_FALSE(record.erase(0x0a000000, 16));
  EXPECT_TRUE(record.erase(0x0a0000ff, 8));
  EXPECT_EQ(record.size(), 2u);
}

TEST(FibRecord, ChurnAgainstAMap) {
  std::mt19937 random(5);
  FibRecord<uint32_t, 32> record;
  std::unordered_map<uint32_t, uint32_t> expected;
  for (int step = 0; step < 400000; ++step) {
    const uint32_t address = (random() % 3000) << 4;
    if (random() % 2 == 0) {
      const uint32_t group = random() % 1000;
      EXPECT_EQ(record.set(address, 28, GroupId{group}), expected.insert_or_assign(address, group).second);
    } else {
      EXPECT_EQ(record.erase(address, 28), expected.erase(address) == 1);
    }
    const uint32_t asked = (random() % 3000) << 4;
    const auto found = expected.find(asked);
    ASSERT_EQ(record.find(asked, 28), found == expected.end() ? std::nullopt : std::optional(GroupId{found->second}));
    ASSERT_EQ(record.size(), expected.size());
  }
}

}  // namespace
}  // namespace ecmpd::dataplane
