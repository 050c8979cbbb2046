// What the encoder writes, the decoder reads back as it was.
#include "control/bgp/update_encoder.h"

#include <gtest/gtest.h>

#include "control/bgp/update.h"
#include "control/bgp/wire.h"

namespace ecmpd::control::bgp {
namespace {

using hash::IpAddress;
using hash::Prefix;

struct Told {
  PathAttributes attributes;
  std::vector<Prefix> announced, withdrawn;
  size_t messages = 0;
  size_t longest = 0;
};

Told decode_all(const AttributeContext& context, Bytes messages) {
  Told out;
  UpdateDecoder decoder;
  decoder.reset(context);
  while (!messages.empty()) {
    const size_t length = load_u16(messages.data() + 16);
    EXPECT_EQ(messages[18], 2) << "an UPDATE";
    const auto update = decoder.decode(messages.subspan(19, length - 19));
    EXPECT_TRUE(update && update->problem.empty())
        << (update ? std::string(update->problem) : update.error().to_string());
    if (!update) return out;
    const bool mp = !update->mp_announced.empty();
    const auto announced = mp ? update->mp_announced : update->announced;
    if (!announced.empty()) out.attributes = mp ? *update->mp_attributes : *update->attributes;
    out.announced.insert(out.announced.end(), announced.begin(), announced.end());
    out.withdrawn.insert(out.withdrawn.end(), update->withdrawn.begin(), update->withdrawn.end());
    ++out.messages;
    out.longest = std::max(out.longest, length);
    messages = messages.subspan(length);
  }
  return out;
}

PathAttributes everything() {
  PathAttributes out;
  out.origin = Origin::kEgp;
  out.as_path = {{.asns = {64500, 4200000000}}, {.type = AsPathSegment::Type::kSet, .asns = {1, 2}}};
  out.next_hop = *IpAddress::parse("10.0.0.1");
  out.med = 7;
  out.atomic_aggregate = true;
  out.aggregator = Aggregator{64500, 0x0a000001};
  out.communities = {1, 2};
  out.extended_communities = {0x0002'0001'00000003};
  out.large_communities = {{1, 2, 3}};
  out.unknown = {{.flags = 0xe0, .type = 99, .value = {1, 2, 3}}};
  return out;
}

std::vector<Prefix> many(hash::Family family, unsigned count) {
  std::vector<Prefix> out;
  for (unsigned i = 0; i < count; ++i) {
    uint8_t bytes[16] = {0x20, 1, 0x0d, 0xb8, static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)};
    out.push_back(family == hash::Family::kIpv4 ? Prefix(IpAddress::v4(0xcb000000u + i), 32)
                                                : Prefix(IpAddress::v6(bytes), static_cast<uint8_t>(48 + i % 81)));
  }
  return out;
}

TEST(UpdateEncoder, EveryAttributeComesBack) {
  const auto prefixes = many(hash::Family::kIpv4, 3);
  for (const bool four : {true, false}) {
    const Told told =
        decode_all({.four_octet_as = four}, encode_announcements({.four_octet_as = four}, everything(), prefixes));
    EXPECT_EQ(told.attributes, everything()) << four;
    EXPECT_EQ(told.announced, prefixes);
    EXPECT_EQ(told.messages, 1u);
  }
}

TEST(UpdateEncoder, AttributesThatDoNotFitAreNotAnnounced) {
  PathAttributes attributes = everything();
  attributes.communities.assign(1500, 7);
  const auto prefixes = many(hash::Family::kIpv4, 3);
  EXPECT_TRUE(encode_announcements({}, attributes, prefixes).empty());
  EXPECT_EQ(decode_all({}, encode_announcements({.longest = 65535}, attributes, prefixes)).announced, prefixes);
}

TEST(UpdateEncoder, InsideTheAsThereIsLocalPref) {
  PathAttributes attributes;
  attributes.next_hop = *IpAddress::parse("10.0.0.1");
  const auto prefixes = many(hash::Family::kIpv4, 1);
  EXPECT_EQ(
      decode_all({.ebgp = false}, encode_announcements({.ebgp = false}, attributes, prefixes)).attributes.local_pref,
      100u);
}

TEST(UpdateEncoder, ALongTableIsManyMessages) {
  for (const hash::Family family : {hash::Family::kIpv4, hash::Family::kIpv6}) {
    for (const size_t longest : {size_t{4096}, size_t{65535}}) {
      const EncoderContext context{.longest = longest};
      PathAttributes attributes = everything();
      if (family == hash::Family::kIpv6) attributes.next_hop = *IpAddress::parse("fd00::1");
      const auto prefixes = many(family, 5000);
      const Told told = decode_all({}, encode_announcements(context, attributes, prefixes));
      EXPECT_EQ(told.attributes, attributes);
      EXPECT_EQ(told.announced, prefixes);
      EXPECT_LE(told.longest, longest);
      const Told gone = decode_all({}, encode_withdrawals(context, family, prefixes));
      EXPECT_EQ(gone.withdrawn, prefixes);
      EXPECT_LE(gone.longest, longest);
      EXPECT_LE(gone.messages, 5000 * 17 / (longest - 40) + 1);
    }
  }
}

TEST(UpdateEncoder, TheLinkLocalAddressStandsBesideAnIpv6Nexthop) {
  PathAttributes attributes = everything();
  attributes.next_hop = *IpAddress::parse("fd00::1");
  const auto link_local = *IpAddress::parse("fe80::1");
  const auto prefixes = many(hash::Family::kIpv6, 1000);
  const EncoderContext context{.link_local = link_local};
  const auto messages = encode_announcements(context, attributes, prefixes);
  const Told told = decode_all({}, messages);
  EXPECT_EQ(told.announced, prefixes);
  EXPECT_EQ(told.attributes.next_hop, attributes.next_hop);
  EXPECT_LE(told.longest, context.longest);
  EXPECT_EQ(decode_all({.zone = 3}, messages).attributes.next_hop, link_local.with_zone(3));

  // To the byte: the second address takes the room of four communities.
  const auto one = many(hash::Family::kIpv6, 1);
  const auto fits = [&](size_t communities, const EncoderContext& with) {
    attributes.communities.assign(communities, 7);
    return !encode_announcements(with, attributes, one).empty();
  };
  size_t most = 0;
  while (fits(most + 1, {})) ++most;
  EXPECT_TRUE(fits(most - 4, context));
  EXPECT_FALSE(fits(most - 3, context));

  attributes.next_hop = *IpAddress::parse("10.0.0.1");
  attributes.communities = {7};
  const auto of_ipv4 = many(hash::Family::kIpv4, 3);
  EXPECT_EQ(encode_announcements(context, attributes, of_ipv4), encode_announcements({}, attributes, of_ipv4));
}

TEST(UpdateEncoder, ALargeAggregatorComesBackFromATwoOctetPeer) {
  PathAttributes attributes = everything();
  attributes.aggregator = Aggregator{4200000001, 0x0a000002};
  const auto prefixes = many(hash::Family::kIpv4, 1);
  for (const bool four : {true, false}) {
    const Told told =
        decode_all({.four_octet_as = four}, encode_announcements({.four_octet_as = four}, attributes, prefixes));
    EXPECT_EQ(told.attributes, attributes) << four;
  }
}

}  // namespace
}  // namespace ecmpd::control::bgp
