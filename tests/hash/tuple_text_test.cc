#include "hash/tuple_text.h"

#include <gtest/gtest.h>

namespace ecmpd::hash {
namespace {

TEST(TupleText, Protocols) {
  EXPECT_EQ(parse_protocol("tcp"), 6);
  EXPECT_EQ(parse_protocol("sctp"), 132);
  EXPECT_EQ(parse_protocol("0"), 0);
  EXPECT_EQ(parse_protocol("255"), 255);
  for (const char* bad : {"", "256", "-1", "tcp ", "0x6", "6a", "4294967296"}) {
    EXPECT_EQ(parse_protocol(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(protocol_text(17), "udp");
  EXPECT_EQ(protocol_text(200), "200");
}

TEST(TupleText, Flows) {
  const auto address = [](const char* text) { return *IpAddress::parse(text); };
  Tuple tuple{.src = address("192.0.2.1"), .dst = address("203.0.113.10"), .protocol = 6, .sport = 40000, .dport = 80};
  EXPECT_EQ(flow_text(tuple), "tcp 192.0.2.1:40000 -> 203.0.113.10:80");
  tuple.src = address("2001:db8::1");
  tuple.dst = address("2001:db8::2");
  EXPECT_EQ(flow_text(tuple), "tcp [2001:db8::1]:40000 -> [2001:db8::2]:80");
  tuple.sport = tuple.dport = 0;
  EXPECT_EQ(flow_text(tuple), "tcp 2001:db8::1 -> 2001:db8::2");
}

}  // namespace
}  // namespace ecmpd::hash
