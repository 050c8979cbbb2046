#include "control/bgp/update.h"

#include <gtest/gtest.h>

#include "tests/control/bgp/bytes.h"

namespace ecmpd::control::bgp {
namespace {

using namespace testing;
using hash::IpAddress;
using hash::Prefix;

std::vector<std::string> text(std::span<const Prefix> prefixes) {
  std::vector<std::string> out;
  for (const Prefix& prefix : prefixes) out.push_back(prefix.to_string());
  return out;
}
using Texts = std::vector<std::string>;

constexpr std::string_view kMetallb =  // ORIGIN, AS_PATH, NEXT_HOP, COMMUNITIES
    "40 01 01 00  40 02 06 02 01 0000fc00  40 03 04 0a00010b  c0 08 04 fc000064";

TEST(Update, ReadsWhatANodeSends) {
  UpdateDecoder decoder;
  decoder.reset({});
  const auto update = decoder.decode(update_body("", kMetallb, "20 cb00710a"));
  ASSERT_TRUE(update) << update.error().to_string();
  EXPECT_EQ(text(update->announced), Texts{"203.0.113.10/32"});
  EXPECT_TRUE(update->withdrawn.empty());
  EXPECT_FALSE(update->end_of_rib);
  EXPECT_EQ(update->problem, "");
  const PathAttributes& a = *update->attributes;
  EXPECT_EQ(a.origin, Origin::kIgp);
  EXPECT_EQ(a.next_hop, *IpAddress::parse("10.0.1.11"));
  EXPECT_EQ(as_path_length(a.as_path), 1u);
  EXPECT_EQ(neighbor_as(a.as_path), 64512u);
  EXPECT_EQ(a.communities, std::vector<uint32_t>{0xfc000064});
  EXPECT_FALSE(a.local_pref);
}

TEST(Update, ReadsEveryAttribute) {
  UpdateDecoder decoder;
  decoder.reset({.ebgp = false});
  const auto update = decoder.decode(
      update_body("",
                  "40 01 01 02  50 02 0000  40 03 04 0a00010b  80 04 04 00000007  40 05 04 00000064  40 06 00"
                  "c0 07 08 0000fc01 0a000009  c0 20 18 000000010000000200000003 000000010000000200000003"
                  "c0 10 08 4004fc00 4cee6b28  d0 63 0003 aabbcc  80 64 01 aa",
                  "18 cb0071"));
  ASSERT_TRUE(update) << update.error().to_string();
  const PathAttributes& a = *update->attributes;
  EXPECT_EQ(a.origin, Origin::kIncomplete);
  EXPECT_TRUE(a.as_path.empty());
  EXPECT_EQ(a.med, 7u);
  EXPECT_EQ(a.local_pref, 100u);
  EXPECT_TRUE(a.atomic_aggregate);
  EXPECT_EQ(a.aggregator, (Aggregator{64513, 0x0a000009}));
  EXPECT_EQ(a.large_communities, (std::vector<LargeCommunity>{{1, 2, 3}})) << "there twice, it counts once";
  EXPECT_EQ(a.extended_communities, std::vector<ExtendedCommunity>{0x4004'fc00'4cee6b28});
  // The transitive one is kept, marked partial; the other is not.
  ASSERT_EQ(a.unknown.size(), 1u);
  EXPECT_EQ(a.unknown[0].type, 99);
  EXPECT_EQ(a.unknown[0].flags, 0xe0);
  EXPECT_EQ(a.unknown[0].value.size(), 3u);
}

TEST(Update, PrefixesOfEveryLengthLoseTheirHostBits) {
  UpdateDecoder decoder;
  decoder.reset({});
  const auto update = decoder.decode(update_body("00  09 0aff", kMetallb, "01 ff  08 0a  19 0a0102ff  20 0a010203"));
  ASSERT_TRUE(update) << update.error().to_string();
  EXPECT_EQ(text(update->withdrawn), (Texts{"0.0.0.0/0", "10.128.0.0/9"}));
  EXPECT_EQ(text(update->announced), (Texts{"128.0.0.0/1", "10.0.0.0/8", "10.1.2.128/25", "10.1.2.3/32"}));
}

TEST(Update, PrefixesThatNoRouteMayHaveAreIgnoredAlone) {
  UpdateDecoder decoder;
  decoder.reset({});
  for (const char* bogus : {"20 e0000001", "08 7f", "04 f0", "08 00", "20 00000001"}) {
    const auto update = decoder.decode(update_body("", kMetallb, std::string(bogus) + "20 cb00710a"));
    ASSERT_TRUE(update) << bogus;
    EXPECT_EQ(text(update->announced), Texts{"203.0.113.10/32"}) << bogus;
    EXPECT_NE(update->problem, "") << bogus;
  }
  EXPECT_EQ(text(decoder.decode(update_body("", kMetallb, "00"))->announced), Texts{"0.0.0.0/0"});
  EXPECT_EQ(text(decoder.decode(update_body("", kMetallb, "01 00  03 00  07 7e"))->announced),
            (Texts{"0.0.0.0/1", "0.0.0.0/3", "126.0.0.0/7"}))
      << "they contain such space, and more";
}

TEST(Update, MultiprotocolIpv4HasItsOwnNexthop) {
  UpdateDecoder decoder;
  decoder.reset({});
  const auto update = decoder.decode(
      update_body("", "80 0e 0d 0001 01 04 0a000163 00 18 0a0203  80 0f 07 0001 01 18 0a0204" + std::string(kMetallb),
                  "20 cb00710a"));
  ASSERT_TRUE(update) << update.error().to_string();
  EXPECT_EQ(text(update->announced), Texts{"203.0.113.10/32"});
  EXPECT_EQ(update->attributes->next_hop, *IpAddress::parse("10.0.1.11"));
  EXPECT_EQ(text(update->mp_announced), Texts{"10.2.3.0/24"});
  EXPECT_EQ(update->mp_attributes->next_hop, *IpAddress::parse("10.0.1.99"));
  EXPECT_EQ(update->mp_attributes->communities, update->attributes->communities);
  EXPECT_EQ(text(update->withdrawn), Texts{"10.2.4.0/24"});
}

TEST(Update, RepeatedAttributesGiveTheSameAsDecodingThem) {
  UpdateDecoder decoder;
  decoder.reset({});
  const std::string other = "40 01 01 00  40 02 06 02 01 0000fc00  40 03 04 0a00010c";
  for (const std::string& attributes : {std::string(kMetallb), std::string(kMetallb), other, std::string(kMetallb)}) {
    const auto update = decoder.decode(update_body("", attributes, "20 cb00710a"));
    ASSERT_TRUE(update);
    UpdateDecoder fresh;
    fresh.reset({});
    EXPECT_EQ(*update->attributes, *fresh.decode(update_body("", attributes, "20 cb00710a"))->attributes);
    EXPECT_EQ(update->announced.size(), 1u);
  }
}

TEST(Update, AWithdrawalInBetweenDoesNotDisturbTheRepetition) {
  UpdateDecoder decoder;
  decoder.reset({});
  ASSERT_TRUE(decoder.decode(update_body("", kMetallb, "20 cb00710a")));
  EXPECT_EQ(decoder.decode(update_body("20 cb00710a", "", ""))->withdrawn.size(), 1u);
  const auto bad = decoder.decode(update_body("", "40 01 01 09" + std::string(kMetallb).substr(11), "20 cb00710a"));
  EXPECT_TRUE(bad->announced.empty());
  const auto good = decoder.decode(update_body("", kMetallb, "20 cb00710a"));
  EXPECT_EQ(good->announced.size(), 1u);
  EXPECT_EQ(good->problem, "");
  EXPECT_EQ(good->attributes->origin, Origin::kIgp);
}

TEST(Update, TwoOctetPeersHaveTheirAs4PathMerged) {
  UpdateDecoder decoder;
  decoder.reset({.four_octet_as = false});
  const std::string base = "40 01 01 00  40 02 06 02 02 fc00 5ba0  40 03 04 0a00010b";
  auto update = decoder.decode(update_body("", base + "c0 11 06 02 01 00011170", "20 cb00710a"));
  ASSERT_TRUE(update);
  EXPECT_EQ(update->attributes->as_path[0].asns, (std::vector<uint32_t>{64512, 70000}));
  // The aggregator counts too, and one that is not AS_TRANS makes both old.
  update = decoder.decode(update_body(
      "", base + "c0 07 06 5ba0 0a000009  c0 12 08 00011170 0a000008  c0 11 06 02 01 00011170", "20 cb00710a"));
  EXPECT_EQ(update->attributes->aggregator, (Aggregator{70000, 0x0a000008}));
  update = decoder.decode(update_body(
      "", base + "c0 07 06 fc00 0a000009  c0 12 08 00011170 0a000008  c0 11 06 02 01 00011170", "20 cb00710a"));
  EXPECT_EQ(update->attributes->aggregator, (Aggregator{64512, 0x0a000009}));
  EXPECT_EQ(update->attributes->as_path[0].asns, (std::vector<uint32_t>{64512, 23456}));
}

TEST(Update, ThousandsOfWithdrawalsInOneMessage) {
  std::vector<uint8_t> withdrawn;
  for (uint32_t i = 0; i < 13000; ++i) {
    append_u8(withdrawn, 32);
    append_u32(withdrawn, 0x0a000000 + i);
  }
  std::vector<uint8_t> body;
  append_u16(body, static_cast<uint16_t>(withdrawn.size()));
  append(body, withdrawn);
  append_u16(body, 0);
  UpdateDecoder decoder;
  decoder.reset({});
  EXPECT_EQ(decoder.decode(body)->withdrawn.size(), 13000u);
}

}  // namespace
}  // namespace ecmpd::control::bgp
