#include <gtest/gtest.h>

#include <cstring>

#include "control/daemon/reload.h"

namespace ecmpd::control {
namespace {

TEST(PriorityTraffic, ALinkLocalNeighborIsKnownByTheAddressThatPacketsCarry) {
  Config config;
  const IpAddress address = *IpAddress::parse("fe80::b");
  config.neighbors.emplace_back().address = address.with_zone(3);
  const dataplane::PriorityTraffic traffic = priority_traffic(config);
  ASSERT_EQ(traffic.sources6.size(), 1u);
  EXPECT_EQ(std::memcmp(traffic.sources6[0].address.data(), address.bytes(), 16), 0);
  EXPECT_EQ(traffic.sources6[0].mask, (std::array<uint64_t, 2>{~uint64_t{0}, ~uint64_t{0}}));
}

TEST(PriorityTraffic, RangesAndNeighborsOfBothFamilies) {
  Config config;
  config.neighbors.emplace_back().address = *IpAddress::parse("10.0.1.11");
  config.listens.emplace_back().range = *Prefix::parse("10.0.2.0/24");
  config.listens.emplace_back().range = *Prefix::parse("2001:db8::/32");
  const dataplane::PriorityTraffic traffic = priority_traffic(config);
  ASSERT_EQ(traffic.sources.size(), 2u);
  EXPECT_EQ(traffic.sources[0].address, 0x0a00010bu);
  EXPECT_EQ(traffic.sources[0].mask, 0xffffffffu);
  EXPECT_EQ(traffic.sources[1].mask, 0xffffff00u);
  ASSERT_EQ(traffic.sources6.size(), 1u);
  EXPECT_EQ(std::memcmp(traffic.sources6[0].mask.data(), "\xff\xff\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0", 16), 0);
}

}  // namespace
}  // namespace ecmpd::control
