#include "hash/count_text.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace ecmpd::hash {
namespace {

TEST(CountText, OneThingHasNoPlural) {
  EXPECT_EQ(count_text(1, "packet"), "1 packet");
  EXPECT_EQ(count_text(0, "packet"), "0 packets");
  EXPECT_EQ(count_text(UINT64_MAX, "packet"), "18446744073709551615 packets");
  EXPECT_EQ(count_text(1u, "prefix", "prefixes"), "1 prefix");
  EXPECT_EQ(count_text(2u, "prefix", "prefixes"), "2 prefixes");
  EXPECT_EQ(count_text(uint8_t{64}, "hop"), "64 hops");
}

}  // namespace
}  // namespace ecmpd::hash
