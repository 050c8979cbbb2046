#include "control/bgp/attribute_decoder.h"

#include <fmt/core.h>

#include <bitset>

#include "control/bgp/attribute_values.h"

namespace ecmpd::control::bgp {
namespace {

struct Header {
  uint8_t flags = 0;
  uint8_t type = 0;
  RawAttribute raw;
};

// False when what is left is not a whole attribute.
bool read_header(Reader& reader, Header& out) {
  const Bytes all = reader.rest();
  uint8_t short_length = 0;
  uint16_t length = 0;
  if (!reader.u8(out.flags) || !reader.u8(out.type)) return false;
  if ((out.flags & attribute::kFlagExtendedLength) != 0) {
    if (!reader.u16(length)) return false;
  } else {
    if (!reader.u8(short_length)) return false;
    length = short_length;
  }
  if (!reader.take(length, out.raw.value)) return false;
  out.raw.whole = all.first(all.size() - reader.left());
  return true;
}

void complain(DecodedAttributes& out, std::string text) {
  if (out.problem.empty()) out.problem = std::move(text);
}

void withdraw(DecodedAttributes& out, std::string text) {
  out.treat_as_withdraw = true;
  complain(out, std::move(text));
}

// The Optional and Transitive bits that a known attribute must have; nullopt for an unknown one.
std::optional<uint8_t> expected_flags(uint8_t type) {
  constexpr uint8_t kOptional = attribute::kFlagOptional, kTransitive = attribute::kFlagTransitive;
  switch (type) {
    case attribute::kOrigin:
    case attribute::kAsPath:
    case attribute::kNextHop:
    case attribute::kLocalPref:
    case attribute::kAtomicAggregate:
      return kTransitive;
    case attribute::kMed:
    case attribute::kOriginatorId:
    case attribute::kClusterList:
    case attribute::kMpReach:
    case attribute::kMpUnreach:
      return kOptional;
    case attribute::kAggregator:
    case attribute::kCommunities:
    case attribute::kExtendedCommunities:
    case attribute::kLargeCommunities:
    case attribute::kAs4Path:
    case attribute::kAs4Aggregator:
      return static_cast<uint8_t>(kOptional | kTransitive);
    default:
      return std::nullopt;
  }
}

// An attribute that we do not know (RFC 4271 section 5). One that claims to be well-known would end the session by
// RFC 4271 section 6.3, which RFC 7606 does not revise here. We withdraw, as for flags that conflict (RFC 7606 section
// 3 c; BIRD and FRR do the same), because in practice it is the rest of a damaged NEXT_HOP: nodes that write an IPv6
// address under NEXT_HOP's length of 4 do so in every UPDATE, and reconnect at once.
void take_unknown(const Header& header, DecodedAttributes& out) {
  if ((header.flags & attribute::kFlagOptional) == 0) {
    withdraw(out, attribute_name(header.type) + " unknown, yet marked well-known");
  } else if ((header.flags & attribute::kFlagTransitive) != 0) {
    const auto flags = static_cast<uint8_t>((header.flags | attribute::kFlagPartial) & ~attribute::kFlagExtendedLength);
    out.values.unknown.push_back({flags, header.type, {header.raw.value.begin(), header.raw.value.end()}});
  }
}

}  // namespace

std::string attribute_name(uint8_t type) {
  switch (type) {
    case attribute::kOrigin:
      return "ORIGIN";
    case attribute::kAsPath:
      return "AS_PATH";
    case attribute::kNextHop:
      return "NEXT_HOP";
    case attribute::kMed:
      return "MULTI_EXIT_DISC";
    case attribute::kLocalPref:
      return "LOCAL_PREF";
    case attribute::kAtomicAggregate:
      return "ATOMIC_AGGREGATE";
    case attribute::kAggregator:
      return "AGGREGATOR";
    case attribute::kCommunities:
      return "COMMUNITIES";
    case attribute::kOriginatorId:
      return "ORIGINATOR_ID";
    case attribute::kClusterList:
      return "CLUSTER_LIST";
    case attribute::kMpReach:
      return "MP_REACH_NLRI";
    case attribute::kMpUnreach:
      return "MP_UNREACH_NLRI";
    case attribute::kExtendedCommunities:
      return "EXTENDED COMMUNITIES";
    case attribute::kAs4Path:
      return "AS4_PATH";
    case attribute::kAs4Aggregator:
      return "AS4_AGGREGATOR";
    case attribute::kLargeCommunities:
      return "LARGE_COMMUNITY";
    default:
      return fmt::format("attribute {}", type);
  }
}

Result<DecodedAttributes> decode_attributes(Bytes attributes, const AttributeContext& context) {
  DecodedAttributes out;
  As4Attributes as4;
  std::bitset<256> seen;
  Reader reader(attributes);
  while (!reader.empty()) {
    Header header;
    if (!read_header(reader, header)) {
      // RFC 7606 section 4: the total length is trusted, so the NLRI behind it can still be withdrawn.
      withdraw(out, "an attribute runs past the end of the attributes");
      break;
    }
    if (seen.test(header.type)) {
      // RFC 7606 section 3 g: of two copies the first counts, but two MP attributes leave no key to trust.
      if (header.type == attribute::kMpReach || header.type == attribute::kMpUnreach) {
        return failure(ErrorCode::kUpdateMessage, update_error::kMalformedAttributeList);
      }
      complain(out, attribute_name(header.type) + " repeated");
      continue;
    }
    seen.set(header.type);

    const auto expected = expected_flags(header.type);
    if (!expected) {
      take_unknown(header, out);
      continue;
    }
    constexpr uint8_t kMeaning = attribute::kFlagOptional | attribute::kFlagTransitive;
    const bool flags_wrong = (header.flags & kMeaning) != *expected;
    if (header.type == attribute::kMpReach) {
      out.mp_reach = header.raw;
    } else if (header.type == attribute::kMpUnreach) {
      out.mp_unreach = header.raw;
    }
    if (flags_wrong && header.type == attribute::kMpUnreach) {
      complain(out, "MP_UNREACH_NLRI with wrong flags");  // it withdraws: that is all the treatment there is
      continue;
    }
    if (flags_wrong) {  // RFC 7606 section 3 c
      withdraw(out, attribute_name(header.type) + " with wrong flags");
      continue;
    }
    switch (take_attribute(header.type, header.raw.value, context, out, as4)) {
      case AttributeVerdict::kTaken:
        break;
      case AttributeVerdict::kDiscard:
        complain(out, attribute_name(header.type) + " malformed and discarded");
        break;
      case AttributeVerdict::kWithdraw:
        withdraw(out, attribute_name(header.type) + " malformed");
        break;
    }
  }
  apply_as4(std::move(as4), out.values);
  return out;
}

}  // namespace ecmpd::control::bgp
