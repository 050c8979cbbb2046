#include "hash/address.h"

#include <gtest/gtest.h>

namespace ecmpd::hash {
namespace {

TEST(IpAddress, ParsesAndPrintsBothFamilies) {
  EXPECT_EQ(IpAddress::parse("10.0.0.1"), IpAddress::v4(0x0a000001));
  EXPECT_EQ(IpAddress::parse("10.0.0.1")->to_string(), "10.0.0.1");
  EXPECT_EQ(IpAddress::parse("FD00:1:0::1")->to_string(), "fd00:1::1");
  for (const char* bad : {"", "10.0.0", "10.0.0.256", "10.0.0.1 ", "10.0.0.1/24", "fe80::1%eth0", "::g", "example"}) {
    EXPECT_FALSE(IpAddress::parse(bad)) << bad;
  }
}

TEST(IpAddress, OrdersByFamilyThenNumber) {
  EXPECT_LT(IpAddress::v4(9), IpAddress::v4(256));
  EXPECT_LT(IpAddress::v4(0xffffffff), *IpAddress::parse("::"));
}

TEST(IpAddress, ALinkLocalOneMayHaveAZone) {
  const IpAddress plain = *IpAddress::parse("fe80::b");
  EXPECT_TRUE(plain.is_link_local());
  EXPECT_TRUE(IpAddress::parse("febf::1")->is_link_local());
  EXPECT_FALSE(IpAddress::parse("fec0::1")->is_link_local());
  EXPECT_FALSE(IpAddress::v4(0xfe800000).is_link_local());
  EXPECT_EQ(plain.zone(), 0u);
  const IpAddress second = plain.with_zone(2);
  EXPECT_NE(second, plain);
  EXPECT_NE(second, plain.with_zone(3));
  EXPECT_EQ(second.zone(), 2u);
  EXPECT_EQ(second.without_zone(), plain);
  EXPECT_EQ(second.to_string(), "fe80::b%2");
  EXPECT_EQ(plain.with_zone(65535).zone(), 65535u);
  EXPECT_EQ(IpAddress::parse_with_zone("fe80::b%2"), second);
  EXPECT_EQ(IpAddress::parse_with_zone("fe80::b"), plain);
  EXPECT_EQ(IpAddress::parse_with_zone("10.0.0.1"), IpAddress::v4(0x0a000001));
  for (const char* bad : {"fe80::b%", "fe80::b%0", "fe80::b%65536", "fe80::b%2x", "fd00::b%2", "10.0.0.1%1", "%2"}) {
    EXPECT_FALSE(IpAddress::parse_with_zone(bad)) << bad;
  }
  EXPECT_FALSE(IpAddress::parse("fe80::b%2"));
  EXPECT_EQ(IpAddress::parse("fd00:1::b")->zone(), 0u);
  EXPECT_EQ(IpAddress::parse("fd00:1::b")->without_zone(), *IpAddress::parse("fd00:1::b"));
}

TEST(Prefix, HasNoBitsWhereAZoneIsKept) {
  EXPECT_FALSE(Prefix::parse("fe80:1::/32"));
  EXPECT_TRUE(Prefix::parse("fe80::/10"));
}

TEST(Prefix, ClearsHostBits) {
  EXPECT_EQ(Prefix::parse("10.1.2.3/8")->to_string(), "10.0.0.0/8");
  EXPECT_EQ(Prefix::parse("10.1.2.255/25")->to_string(), "10.1.2.128/25");
  EXPECT_EQ(Prefix::parse("10.1.2.3/0")->to_string(), "0.0.0.0/0");
  EXPECT_EQ(Prefix::parse("fd00:1:2::3/33")->to_string(), "fd00:1::/33");
  for (const char* bad : {"10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "::/129"}) {
    EXPECT_FALSE(Prefix::parse(bad)) << bad;
  }
}

TEST(Prefix, Contains) {
  const Prefix p = *Prefix::parse("10.0.0.0/9");
  EXPECT_TRUE(p.contains(*IpAddress::parse("10.127.255.255")));
  EXPECT_FALSE(p.contains(*IpAddress::parse("10.128.0.0")));
  EXPECT_TRUE(p.contains(*Prefix::parse("10.0.0.0/9")));
  EXPECT_FALSE(p.contains(*Prefix::parse("10.0.0.0/8")));
  EXPECT_FALSE(Prefix().contains(*IpAddress::parse("::1")));
}

}  // namespace
}  // namespace ecmpd::hash
