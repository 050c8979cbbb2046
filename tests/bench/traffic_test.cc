#include "bench/ecmpbench/traffic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace ecmpd::bench {
namespace {

using hash::Family;

TEST(Prefixes, AreDifferentAndTheSameForTheSameSeed) {
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    const auto prefixes = make_prefixes(family, 20'000, 1);
    ASSERT_EQ(prefixes.size(), 20'000u);
    EXPECT_EQ(std::set(prefixes.begin(), prefixes.end()).size(), prefixes.size());
    EXPECT_EQ(make_prefixes(family, 20'000, 1), prefixes);
    EXPECT_NE(make_prefixes(family, 20'000, 2), prefixes);
    for (const hash::Prefix& prefix : prefixes) EXPECT_EQ(prefix.family(), family);
  }
}

TEST(Prefixes, HaveTheLengthsOfTheInternetsTable) {
  std::map<unsigned, unsigned> lengths4, lengths6;
  for (const auto& prefix : make_prefixes(Family::kIpv4, 50'000, 1)) ++lengths4[prefix.length()];
  for (const auto& prefix : make_prefixes(Family::kIpv6, 50'000, 1)) ++lengths6[prefix.length()];
  // Short prefixes are fewer than drawn: there are not so many.
  EXPECT_NEAR(lengths4[24], 30'000, 1'500);
  EXPECT_NEAR(lengths4[22], 5'750, 600);
  EXPECT_GT(lengths4[32], 0u);
  EXPECT_NEAR(lengths6[48], 25'000, 3'000);
  EXPECT_GT(lengths6[128], 0u);
}

TEST(Prefixes, AreWhereRoutersForward) {
  for (const auto& prefix : make_prefixes(Family::kIpv4, 50'000, 3)) {
    const uint32_t top = prefix.address().v4_value() >> 24;
    EXPECT_TRUE(top > 0 && top < 224 && top != 127) << prefix.to_string();
  }
  for (const auto& prefix : make_prefixes(Family::kIpv6, 50'000, 3)) {
    EXPECT_EQ(prefix.address().bytes()[0] >> 5, 1) << prefix.to_string();  // 2000::/3
  }
}

TEST(Prefixes, OneIsAKnownOne) {
  EXPECT_EQ(make_prefixes(Family::kIpv4, 1, 9).front().to_string(), "198.51.100.0/24");
  EXPECT_EQ(make_prefixes(Family::kIpv6, 1, 9).front().to_string(), "2001:db8:100::/48");
}

TEST(Flows, GoToThePrefixes) {
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    const auto prefixes = make_prefixes(family, 50, 1);
    std::set<size_t> used;
    for (const hash::Tuple& flow : make_flows(prefixes, 2'000, 1)) {
      const auto at =
          std::find_if(prefixes.begin(), prefixes.end(), [&](const auto& p) { return p.contains(flow.dst); });
      ASSERT_NE(at, prefixes.end()) << flow.dst.to_string();
      used.insert(static_cast<size_t>(at - prefixes.begin()));
      EXPECT_EQ(flow.src.family(), family);
      EXPECT_EQ(flow.protocol, 17);
      EXPECT_NE(flow.dport, 0);
    }
    EXPECT_GT(used.size(), 10u);  // IPv6 prefixes lie in each other
  }
}

TEST(Flows, AreTheSameForTheSameSeed) {
  const auto prefixes = make_prefixes(Family::kIpv4, 10, 1);
  EXPECT_EQ(make_flows(prefixes, 100, 1), make_flows(prefixes, 100, 1));
  EXPECT_NE(make_flows(prefixes, 100, 1), make_flows(prefixes, 100, 2));
}

}  // namespace
}  // namespace ecmpd::bench
