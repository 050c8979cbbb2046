#include "control/bgp/open.h"

#include <gtest/gtest.h>

#include "control/bgp/message.h"
#include "tests/control/bgp/bytes.h"

namespace ecmpd::control::bgp {
namespace {

using namespace testing;

// What MetalLB's own speaker sends: AS 64512, hold 90, 10.0.1.11; MP IPv4, MP IPv6, four-octet AS in one parameter.
constexpr std::string_view kMetallb = "04 fc00 005a 0a00010b 14 02 12 01 04 0001 00 01 01 04 0002 00 01 41 04 0000fc00";

TEST(Open, ReadsMetallb) {
  const auto open = decode_open(hex(kMetallb));
  ASSERT_TRUE(open) << open.error().to_string();
  EXPECT_EQ(open->asn, 64512u);
  EXPECT_EQ(open->hold_time, 90);
  EXPECT_EQ(open->router_id, 0x0a00010bu);
  EXPECT_TRUE(open->four_octet_as);
  EXPECT_FALSE(open->extended_message);
  EXPECT_TRUE(open->routed_families().ipv4);
  EXPECT_EQ(open->families, (std::vector<FamilyId>{{1, 1}, {2, 1}}));
  EXPECT_EQ(open->capability_codes, (std::vector<uint8_t>{1, 65}));
}

// FRR: one parameter for each capability, some of which we do not know.
TEST(Open, ReadsOneParameterPerCapability) {
  const auto open =
      decode_open(hex("04 5ba0 00b4 0a00010c 31 02 06 01 04 00010001 02 02 80 00 02 02 02 00 02 02 46 00"
                      "02 06 41 04 00010000 02 02 06 00 02 09 49 07 05 6e6f6465 32 00 02 04 40 02 c078"));
  ASSERT_TRUE(open) << open.error().to_string();
  EXPECT_EQ(open->asn, 65536u);
  EXPECT_EQ(open->hostname, "node2");
  EXPECT_TRUE(open->extended_message);
  EXPECT_EQ(open->capability_codes, (std::vector<uint8_t>{1, 128, 2, 70, 65, 6, 73, 64}));
}

TEST(Open, ReadsASpeakerWithoutCapabilities) {
  const auto open = decode_open(hex("04 fc00 0000 0a00010b 00"));
  ASSERT_TRUE(open);
  EXPECT_EQ(open->asn, 64512u);
  EXPECT_EQ(open->hold_time, 0);
  EXPECT_FALSE(open->four_octet_as);
  EXPECT_TRUE(open->routed_families().ipv4);
}

TEST(Open, ReadsExtendedParameters) {
  // RFC 9072: 255, 255, then the length, then parameters with lengths of two octets.
  for (const std::string_view first : {"ff", "01"}) {
    const auto open =
        decode_open(hex("04 fc00 005a 0a00010b " + std::string(first) + " ff 0009 02 0006 41 04 0000fc00"));
    ASSERT_TRUE(open) << open.error().to_string();
    EXPECT_TRUE(open->four_octet_as);
  }
}

TEST(Open, OtherFamiliesOnlyMeansNoIpv4) {
  const auto open = decode_open(hex("04 fc00 005a 0a00010b 08 02 06 01 04 0002 00 01"));
  ASSERT_TRUE(open);
  EXPECT_FALSE(open->routed_families().ipv4);
}

TEST(Open, BadOnesGetTheirNotification) {
  struct Case {
    std::string_view name, body;
    uint8_t subcode;
    std::string data;
  };
  const Case cases[] = {
      {"version 3", "03 fc00 005a 0a00010b 00", open_error::kVersion, "0004"},
      {"version 5", "05 fc00 005a 0a00010b 00", open_error::kVersion, "0004"},
      {"hold 1", "04 fc00 0001 0a00010b 00", open_error::kHoldTime, ""},
      {"hold 2", "04 fc00 0002 0a00010b 00", open_error::kHoldTime, ""},
      {"identifier 0", "04 fc00 005a 00000000 00", open_error::kBadIdentifier, ""},
      {"as 0", "04 0000 005a 0a00010b 00", open_error::kBadPeerAs, ""},
      {"four-octet as 0", "04 5ba0 005a 0a00010b 08 02 06 41 04 00000000", open_error::kBadPeerAs, ""},
      {"authentication parameter", "04 fc00 005a 0a00010b 03 01 01 00", open_error::kOptionalParameter, ""},
      {"parameters cut short", "04 fc00 005a 0a00010b 08 02 06 41 04 0000", open_error::kUnspecific, ""},
      {"parameters too long", "04 fc00 005a 0a00010b 00 02 00", open_error::kUnspecific, ""},
      {"parameter overruns", "04 fc00 005a 0a00010b 02 02 06", open_error::kUnspecific, ""},
      {"half a parameter", "04 fc00 005a 0a00010b 01 02", open_error::kUnspecific, ""},
      {"capability overruns", "04 fc00 005a 0a00010b 06 02 04 41 04 0000", open_error::kUnspecific, ""},
      {"mp of 3 bytes", "04 fc00 005a 0a00010b 07 02 05 01 03 000100", open_error::kUnspecific, ""},
      {"as4 of 2 bytes", "04 fc00 005a 0a00010b 06 02 04 41 02 fc00", open_error::kUnspecific, ""},
      {"extended, wrong length", "04 fc00 005a 0a00010b ff ff 0008 02 0006 41 04 0000fc00", open_error::kUnspecific,
       ""},
  };
  for (const auto& c : cases) {
    const auto open = decode_open(hex(c.body));
    ASSERT_FALSE(open) << c.name;
    EXPECT_EQ(open.error().code, ErrorCode::kOpenMessage) << c.name;
    EXPECT_EQ(open.error().subcode, c.subcode) << c.name;
    EXPECT_EQ(to_hex(open.error().data), c.data) << c.name;
  }
}

TEST(Open, EveryTruncationIsRefused) {
  const auto body = hex(kMetallb);
  for (size_t size = 0; size < body.size(); ++size) EXPECT_FALSE(decode_open(Bytes(body).first(size))) << size;
}

TEST(Open, EncodesInOneClassicParameter) {
  OpenMessage open{.asn = 4200000000, .hold_time = 90, .router_id = 0x0a000001};
  open.families = {kIpv4Unicast};
  open.four_octet_as = true;
  open.extended_message = true;
  const auto bytes = encode_open(open);
  EXPECT_EQ(to_hex(bytes),
            "ffffffffffffffffffffffffffffffff002d01"
            "045ba0005a0a00000110020e01040001000106004104fa56ea00");
  const auto frame = next_frame(bytes);
  ASSERT_TRUE(frame && *frame);
  auto back = decode_open((*frame)->body);
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(back->capability_codes, (std::vector<uint8_t>{1, 6, 65}));
  back->capability_codes.clear();
  EXPECT_EQ(*back, open);
}

}  // namespace
}  // namespace ecmpd::control::bgp
