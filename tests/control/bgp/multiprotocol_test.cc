// Two families in one session: what MP_REACH_NLRI and MP_UNREACH_NLRI carry (RFC 4760, 2545, 8950), End-of-RIB for each
// (RFC 4724), and path identifiers (RFC 7911).
#include <gtest/gtest.h>

#include "control/bgp/update.h"
#include "tests/control/bgp/bytes.h"

namespace ecmpd::control::bgp {
namespace {

using namespace testing;
using hash::IpAddress;
using Texts = std::vector<std::string>;
using Ids = std::vector<uint32_t>;

const std::string kAttributes = " 40 01 01 00 40 02 06 02 01 0000fc00 ";
const std::string kGlobal = "fd000001000000000000000000000011", kLinkLocal = "fe800000000000000000000000000011";
const std::string kService = "80 20010db8011300000000000000000010 ";

Texts text(std::span<const hash::Prefix> prefixes) {
  Texts out;
  for (const auto& prefix : prefixes) out.push_back(prefix.to_string());
  return out;
}
Ids ids(std::span<const uint32_t> span) { return {span.begin(), span.end()}; }

std::string attribute_text(const char* type, const std::string& value) {
  constexpr char kDigits[] = "0123456789abcdef";
  const size_t size = hex(value).size();
  return std::string("80 ") + type + " " + kDigits[size >> 4] + kDigits[size & 15] + value;
}
std::string reach(const char* family, const std::string& next_hop, const std::string& nlri) {
  constexpr char kDigits[] = "0123456789abcdef";
  const size_t size = hex(next_hop).size();
  return attribute_text("0e", std::string(family) + kDigits[size >> 4] + kDigits[size & 15] + next_hop + "00" + nlri);
}

struct Multiprotocol : ::testing::Test {
  UpdateDecoder decoder;
  Multiprotocol() { decoder.reset({}); }
  Update decode(const std::string& withdrawn, const std::string& attributes, const std::string& nlri) {
    const auto update = decoder.decode(update_body(withdrawn, attributes, nlri));
    EXPECT_TRUE(update) << update.error().to_string();
    return update.value_or(Update{});
  }
  std::string next_hop(const char* family, const std::string& bytes, const std::string& nlri) {
    const Update update = decode("", reach(family, bytes, nlri) + kAttributes, "");
    return update.mp_announced.empty() ? "withdrawn" : update.mp_attributes->next_hop.to_string();
  }
};

TEST_F(Multiprotocol, Ipv6AnnouncedAndWithdrawn) {
  const Update update = decode("",
                               attribute_text("0f", "000201 40 fd00000000000002 ") +
                                   reach("000201", kGlobal, kService + "00 40 fd00000000000003") + kAttributes,
                               "");
  EXPECT_EQ(text(update.mp_announced), (Texts{"2001:db8:113::10/128", "::/0", "fd00:0:0:3::/64"}));
  EXPECT_EQ(update.mp_attributes->next_hop, *IpAddress::parse("fd00:1::11"));
  EXPECT_EQ(text(update.withdrawn), Texts{"fd00:0:0:2::/64"});
  EXPECT_TRUE(update.announced.empty());
  EXPECT_FALSE(update.end_of_rib);
  EXPECT_EQ(update.problem, "");
}

TEST_F(Multiprotocol, TheGlobalNexthopCountsOnAnOrdinarySession) {
  EXPECT_EQ(next_hop("000201", kGlobal, kService), "fd00:1::11");
  EXPECT_EQ(next_hop("000201", kGlobal + kLinkLocal, kService), "fd00:1::11");
  EXPECT_EQ(next_hop("000201", "00000000000000000000000000000000" + kLinkLocal, kService), "fe80::11");
}

TEST_F(Multiprotocol, TheLinkLocalNexthopCountsOnALinkLocalSession) {
  decoder.reset({.zone = 3});
  EXPECT_EQ(next_hop("000201", kGlobal + kLinkLocal, kService), "fe80::11%3");
  EXPECT_EQ(next_hop("000201", kLinkLocal, kService), "fe80::11%3");
  EXPECT_EQ(next_hop("000201", kLinkLocal + kLinkLocal, kService), "fe80::11%3");
  EXPECT_EQ(next_hop("000201", kGlobal, kService), "fd00:1::11");
  EXPECT_EQ(next_hop("000101", kLinkLocal, "20 cb00710a"), "fe80::11%3");
}

TEST_F(Multiprotocol, AnIpv4MappedNexthopIsTheIpv4Address) {
  EXPECT_EQ(next_hop("000201", "00000000000000000000ffff0a00010b", kService), "10.0.1.11");
}

TEST_F(Multiprotocol, Ipv4PrefixesOverAnIpv6Nexthop) {
  EXPECT_EQ(next_hop("000101", kGlobal, "20 cb00710a"), "fd00:1::11");
  EXPECT_EQ(next_hop("000101", kGlobal + kLinkLocal, "20 cb00710a"), "fd00:1::11");
  EXPECT_EQ(next_hop("000101", "0a00010b", "20 cb00710a"), "10.0.1.11");
}

TEST_F(Multiprotocol, ANexthopThatNoHostHasWithdraws) {
  for (const char* bad :
       {"00000000000000000000000000000000", "00000000000000000000000000000001", "ff020000000000000000000000000001",
        "00000000000000000000ffffe0000001", "fe800007000000000000000000000011"}) {
    EXPECT_EQ(next_hop("000201", bad, kService), "withdrawn") << bad;
    EXPECT_EQ(text(decode("", reach("000201", bad, kService) + kAttributes, "").withdrawn),
              Texts{"2001:db8:113::10/128"});
  }
}

TEST_F(Multiprotocol, PrefixesThatNoIpv6RouteMayHaveAreIgnoredAlone) {
  for (const char* bogus : {"08 ff", "10 ff02", "0a fe80", "40 fe80000000000000", "40 fe80001200000000",
                            "80 00000000000000000000000000000001", "80 00000000000000000000000000000000",
                            "80 00000000000000000000ffff0a000001", "60 00000000000000000000ffff"}) {
    const Update update = decode("", reach("000201", kGlobal, bogus + kService) + kAttributes, "");
    EXPECT_EQ(text(update.mp_announced), Texts{"2001:db8:113::10/128"}) << bogus;
    EXPECT_NE(update.problem, "") << bogus;
  }
  EXPECT_EQ(text(decode("", reach("000201", kGlobal, "00 01 80 09 fe80 60 000000000000000000000000") + kAttributes, "")
                     .mp_announced),
            (Texts{"::/0", "8000::/1", "fe80::/9", "::/96"}));
}

TEST_F(Multiprotocol, EndOfRibOfEachFamily) {
  EXPECT_EQ(decode("", "", "").end_of_rib, Family::kIpv4);
  EXPECT_EQ(decode("", "80 0f 03 0001 01", "").end_of_rib, Family::kIpv4);
  EXPECT_EQ(decode("", "80 0f 03 0002 01", "").end_of_rib, Family::kIpv6);
  EXPECT_FALSE(decode("", "80 0f 05 0001 01 08 0a", "").end_of_rib);
  EXPECT_FALSE(decode("", "80 0f 03 0002 80", "").end_of_rib) << "VPN";
  EXPECT_FALSE(decode("08 0a", "", "").end_of_rib);
  EXPECT_FALSE(decode("08 0a", "80 0f 03 0002 01", "").end_of_rib);
}

TEST_F(Multiprotocol, AFamilyThatWasNotNegotiatedIsIgnoredWhateverItHolds) {
  decoder.reset({.families = {.ipv4 = true}});
  const Update v6 = decode("", reach("000201", kGlobal, kService) + kAttributes, "20 cb00710a");
  EXPECT_TRUE(v6.announced.empty()) << "NEXT_HOP is missing";
  EXPECT_EQ(text(v6.withdrawn), Texts{"203.0.113.10/32"});
  EXPECT_TRUE(v6.mp_announced.empty());
  EXPECT_FALSE(decode("", "80 0f 03 0002 01", "").end_of_rib);
  EXPECT_TRUE(decode("", "80 0e 05 4004 47 ff ff 40 01 01 00 40 02 00", "").mp_announced.empty());

  decoder.reset({.families = {.ipv6 = true}});
  EXPECT_TRUE(decode("", "40 03 04 0a00010b" + kAttributes, "20 cb00710a").announced.empty());
  EXPECT_TRUE(decode("20 cb00710a", "", "").withdrawn.empty());
  EXPECT_TRUE(decode("20 cb00710a", "40 03 04 0a00010b" + kAttributes, "").withdrawn.empty());
  EXPECT_FALSE(decode("", "", "").end_of_rib);
  EXPECT_EQ(next_hop("000201", kGlobal, kService), "fd00:1::11");
}

TEST_F(Multiprotocol, PathIdentifiersStandBeforeEachPrefixOfTheirFamily) {
  decoder.reset({.add_path = {.ipv4 = true}});
  const Update update = decode("00000007 20 cb00710b",
                               attribute_text("0f", "000201 40 fd00000000000002 ") +
                                   reach("000201", kGlobal, kService) + "40 03 04 0a00010b" + kAttributes,
                               "00000001 20 cb00710a  00000002 20 cb00710a");
  EXPECT_EQ(text(update.announced), (Texts{"203.0.113.10/32", "203.0.113.10/32"}));
  EXPECT_EQ(ids(update.announced_ids), (Ids{1, 2}));
  EXPECT_TRUE(update.mp_announced_ids.empty());
  EXPECT_EQ(text(update.withdrawn), (Texts{"203.0.113.11/32", "fd00:0:0:2::/64"}));
  EXPECT_EQ(ids(update.withdrawn_ids), (Ids{7, 0})) << "0 for the family without";
}

TEST_F(Multiprotocol, PathIdentifiersFollowTheirPrefixes) {
  decoder.reset({.add_path = kBothFamilies});
  // One prefix is no route's; then an announcement that damage turns into a withdrawal.
  const Update one =
      decode("", "40 03 04 0a00010b" + kAttributes, "00000001 08 7f  00000002 20 cb00710a 00000003 20 cb00710b");
  EXPECT_EQ(text(one.announced), (Texts{"203.0.113.10/32", "203.0.113.11/32"}));
  EXPECT_EQ(ids(one.announced_ids), (Ids{2, 3}));
  const Update damaged = decode("00000009 20 cb00710c", "40 03 03 0a0001" + kAttributes, "00000002 20 cb00710a");
  EXPECT_EQ(text(damaged.withdrawn), (Texts{"203.0.113.12/32", "203.0.113.10/32"}));
  EXPECT_EQ(ids(damaged.withdrawn_ids), (Ids{9, 2}));
}

TEST_F(Multiprotocol, ACutPathIdentifierEndsTheSession) {
  decoder.reset({.add_path = kBothFamilies});
  for (const char* nlri : {"00", "00000001", "000000 20 cb00710a", "00000001 20 cb0071", "00000001 20 cb00710a 0000"}) {
    const auto update = decoder.decode(update_body("", "40 03 04 0a00010b" + kAttributes, nlri));
    ASSERT_FALSE(update) << nlri;
    EXPECT_EQ(update.error().subcode, update_error::kInvalidNetworkField);
  }
}

}  // namespace
}  // namespace ecmpd::control::bgp
