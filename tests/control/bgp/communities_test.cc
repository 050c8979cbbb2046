// Communities: the bandwidth of a link in them, and their text.
#include "control/bgp/communities.h"

#include <gtest/gtest.h>

#include <vector>

namespace ecmpd::control::bgp {
namespace {

// 125,000,000 bytes per second (1 Gbit/s) is 4cee6b28 as an IEEE 754 single.
constexpr ExtendedCommunity kGigabit = 0x4004'fc00'4cee6b28;

TEST(LinkBandwidth, IsFoundAmongOthersTransitiveOrNot) {
  EXPECT_FALSE(link_bandwidth({}));
  const std::vector<ExtendedCommunity> target = {0x0002'fc00'00000064};
  EXPECT_FALSE(link_bandwidth(target));
  const std::vector<ExtendedCommunity> both = {0x0002'fc00'00000064, kGigabit};
  EXPECT_EQ(link_bandwidth(both), 125e6F);
  const std::vector<ExtendedCommunity> transitive = {0x0004'fc00'4cee6b28};
  EXPECT_EQ(link_bandwidth(transitive), 125e6F);
}

TEST(LinkBandwidth, IsAPositiveNumberOrNothing) {
  for (const uint32_t single : {0u, 0x80000000u, 0xcceeffffu, 0x7f800000u, 0x7fc00000u, 0xff800000u}) {
    const std::vector<ExtendedCommunity> one = {(kGigabit & ~ExtendedCommunity{UINT32_MAX}) | single};
    EXPECT_FALSE(link_bandwidth(one)) << single;
  }
}

TEST(Communities, HaveTheTextThatOperatorsType) {
  EXPECT_EQ(to_string(Community{0xfc000064}), "64512:100");
  EXPECT_EQ(to_string(kGracefulShutdown), "65535:0");
  EXPECT_EQ(to_string(LargeCommunity{4200000000, 1, 2}), "4200000000:1:2");
}

}  // namespace
}  // namespace ecmpd::control::bgp
