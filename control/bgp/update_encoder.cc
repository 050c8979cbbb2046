#include "control/bgp/update_encoder.h"

#include <algorithm>
#include <cassert>

#include "control/bgp/attribute_decoder.h"
#include "control/bgp/message.h"
#include "control/bgp/wire.h"

namespace ecmpd::control::bgp {
namespace {

using Buffer = std::vector<uint8_t>;
constexpr size_t kHeader = 19;
constexpr uint32_t kAsTrans = 23456;
constexpr uint8_t kWellKnown = attribute::kFlagTransitive;
constexpr uint8_t kOptional = attribute::kFlagOptional;
constexpr uint8_t kOptionalTransitive = attribute::kFlagOptional | attribute::kFlagTransitive;

void add_attribute(Buffer& out, uint8_t flags, uint8_t type, const Buffer& value) {
  const bool is_long = value.size() > 255;
  append_u8(out, is_long ? static_cast<uint8_t>(flags | attribute::kFlagExtendedLength) : flags);
  append_u8(out, type);
  if (is_long) {
    append_u16(out, static_cast<uint16_t>(value.size()));
  } else {
    append_u8(out, static_cast<uint8_t>(value.size()));
  }
  append(out, value);
}

Buffer path_bytes(const std::vector<AsPathSegment>& path, bool four_octets) {
  constexpr size_t kMostInSegment = 255;
  Buffer out;
  for (const AsPathSegment& segment : path) {
    for (size_t begin = 0; begin < segment.asns.size(); begin += kMostInSegment) {
      const size_t end = std::min(begin + kMostInSegment, segment.asns.size());
      append_u8(out, static_cast<uint8_t>(segment.type));
      append_u8(out, static_cast<uint8_t>(end - begin));
      for (size_t i = begin; i < end; ++i) {
        const uint32_t asn = segment.asns[i];
        if (four_octets) {
          append_u32(out, asn);
        } else {
          append_u16(out, static_cast<uint16_t>(asn > UINT16_MAX ? kAsTrans : asn));
        }
      }
    }
  }
  return out;
}

bool has_large_as(const std::vector<AsPathSegment>& path) {
  return std::any_of(path.begin(), path.end(), [](const AsPathSegment& segment) {
    return std::any_of(segment.asns.begin(), segment.asns.end(), [](uint32_t asn) { return asn > UINT16_MAX; });
  });
}

Buffer u32_bytes(uint32_t value) {
  Buffer out;
  append_u32(out, value);
  return out;
}

/// All but the nexthop and the prefixes, in order of type.
Buffer attribute_bytes(const EncoderContext& context, const PathAttributes& a) {
  Buffer out;
  add_attribute(out, kWellKnown, attribute::kOrigin, {static_cast<uint8_t>(a.origin)});
  add_attribute(out, kWellKnown, attribute::kAsPath, path_bytes(a.as_path, context.four_octet_as));
  if (a.next_hop.is_v4()) {
    add_attribute(out, kWellKnown, attribute::kNextHop, {a.next_hop.bytes(), a.next_hop.bytes() + 4});
  }
  if (a.med) add_attribute(out, kOptional, attribute::kMed, u32_bytes(*a.med));
  if (!context.ebgp) add_attribute(out, kWellKnown, attribute::kLocalPref, u32_bytes(a.local_pref.value_or(100)));
  if (a.atomic_aggregate) add_attribute(out, kWellKnown, attribute::kAtomicAggregate, {});
  if (a.aggregator) {
    Buffer value;
    const bool large = a.aggregator->asn > UINT16_MAX;
    if (context.four_octet_as) {
      append_u32(value, a.aggregator->asn);
    } else {
      append_u16(value, static_cast<uint16_t>(large ? kAsTrans : a.aggregator->asn));
    }
    append_u32(value, a.aggregator->address);
    add_attribute(out, kOptionalTransitive, attribute::kAggregator, value);
  }
  if (!a.communities.empty()) {
    Buffer value;
    for (const Community community : a.communities) append_u32(value, community);
    add_attribute(out, kOptionalTransitive, attribute::kCommunities, value);
  }
  if (!a.extended_communities.empty()) {
    Buffer value;
    for (const ExtendedCommunity community : a.extended_communities) {
      append_u32(value, static_cast<uint32_t>(community >> 32));
      append_u32(value, static_cast<uint32_t>(community));
    }
    add_attribute(out, kOptionalTransitive, attribute::kExtendedCommunities, value);
  }
  if (!context.four_octet_as && has_large_as(a.as_path)) {
    add_attribute(out, kOptionalTransitive, attribute::kAs4Path, path_bytes(a.as_path, true));
  }
  if (!context.four_octet_as && a.aggregator && a.aggregator->asn > UINT16_MAX) {  // RFC 6793 section 4.2.2
    Buffer value = u32_bytes(a.aggregator->asn);
    append_u32(value, a.aggregator->address);
    add_attribute(out, kOptionalTransitive, attribute::kAs4Aggregator, value);
  }
  if (!a.large_communities.empty()) {
    Buffer value;
    for (const LargeCommunity& community : a.large_communities) {
      append_u32(value, community.administrator);
      append_u32(value, community.data1);
      append_u32(value, community.data2);
    }
    add_attribute(out, kOptionalTransitive, attribute::kLargeCommunities, value);
  }
  for (const UnknownAttribute& unknown : a.unknown) {
    // RFC 4271 section 5: passed on unchanged, marked as not understood here.
    add_attribute(out, kOptionalTransitive | attribute::kFlagPartial, unknown.type, unknown.value);
  }
  return out;
}

void add_prefix(Buffer& out, const hash::Prefix& prefix) {
  append_u8(out, prefix.length());
  const uint8_t* bytes = prefix.address().bytes();
  append(out, {bytes, static_cast<size_t>((prefix.length() + 7) / 8)});
}

/// Takes prefixes from the front of `left` as long as they fit into `room` bytes; at least one.
Buffer take_prefixes(std::span<const hash::Prefix>& left, size_t room) {
  Buffer out;
  do {
    add_prefix(out, left.front());
    left = left.subspan(1);
  } while (!left.empty() && out.size() + 17 <= room);
  return out;
}

void add_message(Buffer& out, const Buffer& withdrawn, const Buffer& attributes, const Buffer& nlri) {
  const size_t length = kHeader + 4 + withdrawn.size() + attributes.size() + nlri.size();
  out.insert(out.end(), 16, 0xff);
  append_u16(out, static_cast<uint16_t>(length));
  append_u8(out, static_cast<uint8_t>(MessageType::kUpdate));
  append_u16(out, static_cast<uint16_t>(withdrawn.size()));
  append(out, withdrawn);
  append_u16(out, static_cast<uint16_t>(attributes.size()));
  append(out, attributes);
  append(out, nlri);
}

void add_family(Buffer& out, Family family) {
  append_u16(out, unicast(family).afi);
  append_u8(out, unicast(family).safi);
}

}  // namespace

std::vector<uint8_t> encode_announcements(const EncoderContext& context, const PathAttributes& attributes,
                                          std::span<const hash::Prefix> prefixes) {
  Buffer out;
  const Buffer common = attribute_bytes(context, attributes);
  constexpr size_t kLengths = 4;  // of withdrawn routes and of attributes
  const uint8_t next_hop_size = context.link_local ? 32 : 16;
  const size_t mp_reach = 9u + next_hop_size;  // with attribute header, family, length and reserved octet
  const size_t used = kHeader + kLengths + common.size() + (attributes.next_hop.is_v4() ? 0 : mp_reach);
  if (used + 17 > context.longest) return out;
  const size_t room = context.longest - used;
  while (!prefixes.empty()) {
    assert(prefixes.front().family() == attributes.next_hop.family());
    const Buffer nlri = take_prefixes(prefixes, room);
    if (attributes.next_hop.is_v4()) {
      add_message(out, {}, common, nlri);
      continue;
    }
    Buffer value;
    add_family(value, Family::kIpv6);
    append_u8(value, next_hop_size);
    append(value, {attributes.next_hop.bytes(), 16});
    if (context.link_local) append(value, {context.link_local->bytes(), 16});
    append_u8(value, 0);
    append(value, nlri);
    Buffer all;
    add_attribute(all, kOptional, attribute::kMpReach, value);  // first, as RFC 7606 section 5.1 wants it
    append(all, common);
    add_message(out, {}, all, {});
  }
  return out;
}

std::vector<uint8_t> encode_withdrawals(const EncoderContext& context, Family family,
                                        std::span<const hash::Prefix> prefixes) {
  Buffer out;
  const size_t room = context.longest - kHeader - 4 - 7;
  while (!prefixes.empty()) {
    const Buffer nlri = take_prefixes(prefixes, room);
    if (family == Family::kIpv4) {
      add_message(out, nlri, {}, {});
      continue;
    }
    Buffer value;
    add_family(value, family);
    append(value, nlri);
    Buffer attributes;
    add_attribute(attributes, kOptional, attribute::kMpUnreach, value);
    add_message(out, {}, attributes, {});
  }
  return out;
}

}  // namespace ecmpd::control::bgp
