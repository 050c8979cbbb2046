// The text of the record: golden, there and back, and what is wrong with a bad one.
#include "control/nexthop/layout_record.h"

#include <gtest/gtest.h>

#include <string>

namespace ecmpd::control {
namespace {

LayoutRecord example() {
  const auto member = [](uint8_t n, uint16_t weight = 1) {
    return hash::Member{hash::IpAddress::v4(0x0a000100u + n), weight};
  };
  using Kind = hash::Lineage::Step::Kind;
  LayoutRecord record;
  record.seed = 18446744073709551615u;
  LayoutRecord::Layout& layout = record.layouts.emplace_back();
  layout.lineage.founders = {member(11), member(12, 3)};
  layout.lineage.steps.push_back({Kind::kJoin, member(13)});
  layout.lineage.steps.push_back({Kind::kReweigh, member(11, 2)});
  layout.lineage.steps.push_back({Kind::kStrike, member(12, 3)});
  layout.lineage.buckets = 256;
  layout.prefixes.push_back(hash::Prefix::parse("203.0.113.10/32").value());
  layout.prefixes.push_back(hash::Prefix::parse("2001:db8::/32").value());
  layout.away.push_back(member(11).address);
  return record;
}

constexpr const char* kGolden = R"({
 "buckets": 0,
 "layouts": [
  {
   "away": [
    "10.0.1.11"
   ],
   "buckets": 256,
   "founders": [
    {
     "address": "10.0.1.11",
     "weight": 1
    },
    {
     "address": "10.0.1.12",
     "weight": 3
    }
   ],
   "prefixes": [
    "203.0.113.10/32",
    "2001:db8::/32"
   ],
   "steps": [
    {
     "address": "10.0.1.13",
     "kind": "join",
     "weight": 1
    },
    {
     "address": "10.0.1.11",
     "kind": "reweigh",
     "weight": 2
    },
    {
     "address": "10.0.1.12",
     "kind": "strike",
     "weight": 3
    }
   ]
  }
 ],
 "seed": 18446744073709551615,
 "version": 1
}
)";

TEST(LayoutRecord, Golden) { EXPECT_EQ(serialize(example()), kGolden); }

TEST(LayoutRecord, ThereAndBack) {
  const auto parsed = parse_layout_record(kGolden);
  ASSERT_TRUE(parsed.has_value()) << parsed.error();
  EXPECT_EQ(*parsed, example());
}

TEST(LayoutRecord, KeepsTheLinkOfALinkLocalMember) {
  LayoutRecord record = example();
  record.layouts[0].lineage.founders[0].address = hash::IpAddress::parse("fe80::b")->with_zone(2);
  const std::string text = serialize(record);
  EXPECT_NE(text.find("\"fe80::b%2\""), std::string::npos);
  const auto parsed = parse_layout_record(text);
  ASSERT_TRUE(parsed.has_value()) << parsed.error();
  EXPECT_EQ(*parsed, record);
}

TEST(LayoutRecord, SaysWhatIsWrong) {
  struct Case {
    const char* from;
    const char* to;
    const char* error;
  };
  const Case cases[] = {
      {"{\n \"buckets\": 0", "{\n \"buckets\": 0,,", "is not a JSON object"},
      {"\"version\": 1", "\"version\": 2", "is not of version 1"},
      {"\"version\": 1", "\"version\": \"1\"", "is not of version 1"},
      {"18446744073709551615", "-1", "has no seed, buckets or layouts"},
      {"\"address\": \"10.0.1.12\",\n     \"weight\": 3", "\"address\": \"10.0.1\", \"weight\": 3",
       "has a bad layouts[0].founders"},
      {"\"weight\": 3", "\"weight\": 0", "has a bad layouts[0].founders"},
      {"\"weight\": 3", "\"weight\": 65536", "has a bad layouts[0].founders"},
      {"\"join\"", "\"jump\"", "has a bad layouts[0].steps"},
      {"\"buckets\": 256", "\"buckets\": 1.5", "has a bad layouts[0].buckets"},
      {"2001:db8::/32", "2001:db8::/129", "has a bad layouts[0].prefixes"},
      {"\"2001:db8::/32\"", "32", "has a bad layouts[0].prefixes"},
  };
  for (const Case& test : cases) {
    std::string text = kGolden;
    const size_t at = text.find(test.from);
    ASSERT_NE(at, std::string::npos) << test.from;
    text.replace(at, std::string(test.from).size(), test.to);
    const auto parsed = parse_layout_record(text);
    ASSERT_FALSE(parsed.has_value()) << test.to;
    EXPECT_EQ(parsed.error(), test.error) << test.to;
  }
  // A file cut short at any place is refused, not misread.
  const std::string whole = kGolden;
  for (size_t length = 0; length + 2 < whole.size(); ++length) {
    EXPECT_FALSE(parse_layout_record(whole.substr(0, length)).has_value());
  }
}

}  // namespace
}  // namespace ecmpd::control
