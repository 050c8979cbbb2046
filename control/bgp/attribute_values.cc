#include "control/bgp/attribute_values.h"

#include <algorithm>

#include "control/bgp/as_path.h"
#include "control/bgp/mp_attributes.h"
#include "control/bgp/open.h"

namespace ecmpd::control::bgp {
namespace {

using Verdict = AttributeVerdict;

Verdict take_origin(Bytes value, DecodedAttributes& out) {
  if (value.size() != 1 || value[0] > static_cast<uint8_t>(Origin::kIncomplete)) return Verdict::kWithdraw;
  out.values.origin = static_cast<Origin>(value[0]);
  out.origin_seen = true;
  return Verdict::kTaken;
}

Verdict take_as_path(Bytes value, const AttributeContext& context, DecodedAttributes& out) {
  auto path = decode_as_path(value, context.four_octet_as);
  if (!path) return Verdict::kWithdraw;
  out.values.as_path = std::move(*path);
  out.as_path_seen = true;
  return Verdict::kTaken;
}

Verdict take_next_hop(Bytes value, DecodedAttributes& out) {
  if (value.size() != 4) return Verdict::kWithdraw;
  const auto address = hash::IpAddress::v4(load_u32(value.data()));
  // Whether that matters depends on what is announced with it: UpdateDecoder decides.
  out.next_hop_unusable = !is_host_address(address);
  if (out.next_hop_unusable) return Verdict::kTaken;
  out.values.next_hop = address;
  out.next_hop_seen = true;
  return Verdict::kTaken;
}

Verdict take_number(Bytes value, std::optional<uint32_t>& out) {
  if (value.size() != 4) return Verdict::kWithdraw;
  out = load_u32(value.data());
  return Verdict::kTaken;
}

// RFC 7606 section 7.7. Two octets of AS from a two-octet speaker, four otherwise, then the address.
Verdict take_aggregator(Bytes value, bool four_octet, std::optional<Aggregator>& out) {
  const size_t width = four_octet ? 4 : 2;
  if (value.size() != width + 4) return Verdict::kDiscard;
  const uint32_t asn = four_octet ? load_u32(value.data()) : load_u16(value.data());
  if (asn == 0) return Verdict::kDiscard;  // RFC 7607
  out = Aggregator{asn, load_u32(&value[width])};
  return Verdict::kTaken;
}

Verdict take_communities(Bytes value, DecodedAttributes& out) {
  if (value.empty() || value.size() % 4 != 0) return Verdict::kWithdraw;
  out.values.communities.reserve(value.size() / 4);
  for (size_t at = 0; at < value.size(); at += 4) out.values.communities.push_back(load_u32(&value[at]));
  return Verdict::kTaken;
}

// RFC 7606 section 7.14.
Verdict take_extended_communities(Bytes value, DecodedAttributes& out) {
  if (value.empty() || value.size() % 8 != 0) return Verdict::kWithdraw;
  for (size_t at = 0; at < value.size(); at += 8) {
    out.values.extended_communities.push_back(uint64_t{load_u32(&value[at])} << 32 | load_u32(&value[at + 4]));
  }
  return Verdict::kTaken;
}

// RFC 8092 sections 3 and 5: one that is there twice counts once.
Verdict take_large_communities(Bytes value, DecodedAttributes& out) {
  if (value.empty() || value.size() % 12 != 0) return Verdict::kWithdraw;
  auto& list = out.values.large_communities;
  for (size_t at = 0; at < value.size(); at += 12) {
    const LargeCommunity one{load_u32(&value[at]), load_u32(&value[at + 4]), load_u32(&value[at + 8])};
    if (std::find(list.begin(), list.end(), one) == list.end()) list.push_back(one);
  }
  return Verdict::kTaken;
}

}  // namespace

AttributeVerdict take_attribute(uint8_t type, Bytes value, const AttributeContext& context, DecodedAttributes& out,
                                As4Attributes& as4) {
  switch (type) {
    case attribute::kOrigin:
      return take_origin(value, out);
    case attribute::kAsPath:
      return take_as_path(value, context, out);
    case attribute::kNextHop:
      return take_next_hop(value, out);
    case attribute::kMed:
      return take_number(value, out.values.med);
    case attribute::kLocalPref:
      // From another AS it has no meaning, whatever it looks like (RFC 7606 section 7.5).
      return context.ebgp ? Verdict::kTaken : take_number(value, out.values.local_pref);
    case attribute::kAtomicAggregate:
      if (!value.empty()) return Verdict::kDiscard;
      out.values.atomic_aggregate = true;
      return Verdict::kTaken;
    case attribute::kAggregator:
      return take_aggregator(value, context.four_octet_as, out.values.aggregator);
    case attribute::kCommunities:
      return take_communities(value, out);
    case attribute::kExtendedCommunities:
      return take_extended_communities(value, out);
    case attribute::kLargeCommunities:
      return take_large_communities(value, out);
    // We reflect no routes, so the two are checked and not kept (RFC 7606 sections 7.9 and 7.10).
    case attribute::kOriginatorId:
      return context.ebgp || value.size() == 4 ? Verdict::kTaken : Verdict::kWithdraw;
    case attribute::kClusterList:
      return context.ebgp || (!value.empty() && value.size() % 4 == 0) ? Verdict::kTaken : Verdict::kWithdraw;
    case attribute::kAs4Path:
      // RFC 6793 sections 4.1 and 6: a four-octet speaker has nothing to say here, and a malformed one is discarded.
      if (context.four_octet_as) return Verdict::kTaken;
      as4.path = decode_as4_path(value);
      return as4.path ? Verdict::kTaken : Verdict::kDiscard;
    case attribute::kAs4Aggregator:
      return context.four_octet_as ? Verdict::kTaken : take_aggregator(value, true, as4.aggregator);
    default:
      return Verdict::kTaken;
  }
}

void apply_as4(As4Attributes as4, PathAttributes& values) {
  // An AGGREGATOR that is not AS_TRANS was added by a two-octet speaker that left the old AS4 attributes behind.
  if (as4.aggregator && values.aggregator) {
    if (values.aggregator->asn != kAsTrans) return;
    values.aggregator = as4.aggregator;
  }
  if (as4.path) values.as_path = merge_as4_path(std::move(values.as_path), std::move(*as4.path));
}

}  // namespace ecmpd::control::bgp
