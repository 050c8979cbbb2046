// One path attribute of each group: the first byte is what the session negotiated, the second the attribute's type, the
// rest its value, put beside good ones with the flags that it should have. What is malformed leaves nothing behind.
#include <cstdlib>
#include <vector>

#include "control/bgp/attribute_decoder.h"
#include "control/bgp/mp_attributes.h"

using namespace ecmpd::control::bgp;

namespace {

uint8_t flags_of(uint8_t type) {
  switch (type) {
    case attribute::kOrigin:
    case attribute::kAsPath:
    case attribute::kNextHop:
    case attribute::kLocalPref:
    case attribute::kAtomicAggregate:
      return attribute::kFlagTransitive;
    case attribute::kMed:
    case attribute::kOriginatorId:
    case attribute::kClusterList:
    case attribute::kMpReach:
    case attribute::kMpUnreach:
      return attribute::kFlagOptional;
    default:
      return attribute::kFlagOptional | attribute::kFlagTransitive;
  }
}

void check(const DecodedAttributes& out, const AttributeContext& context) {
  const PathAttributes& values = out.values;
  if (context.ebgp && values.local_pref) abort();
  if (out.treat_as_withdraw && out.problem.empty()) abort();
  if (!out.treat_as_withdraw && out.next_hop_seen && !is_host_address(values.next_hop)) abort();
  for (const AsPathSegment& segment : values.as_path) {
    if (segment.asns.empty()) abort();
    for (const uint32_t asn : segment.asns) {
      if (asn == 0) abort();
    }
  }
  if (values.aggregator && values.aggregator->asn == 0) abort();
  (void)as_path_length(values.as_path);
  (void)link_bandwidth(values.extended_communities);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const AttributeContext context{
      .four_octet_as = (data[0] & 1) != 0, .ebgp = (data[0] & 2) != 0, .zone = uint16_t((data[0] >> 2) & 3)};
  const uint8_t type = data[1];
  const Bytes value(data + 2, std::min<size_t>(size - 2, 0xffff));
  std::vector<uint8_t> list{static_cast<uint8_t>(flags_of(type) | attribute::kFlagExtendedLength), type};
  append_u16(list, static_cast<uint16_t>(value.size()));
  append(list, value);
  const auto alone = decode_attributes(list, context);
  if (!alone) abort();  // one attribute of the right flags and length never ends a session by itself
  check(*alone, context);

  MpReach reach;
  if (read_mp_reach(value, kBothFamilies, context.zone, reach) == MpVerdict::kTaken) {
    if (reach.next_hop_usable != is_host_address(reach.next_hop)) abort();
    if (reach.next_hop.zone() != 0 && reach.next_hop.zone() != context.zone) abort();
  }
  MpUnreach unreach;
  (void)read_mp_unreach(value, kBothFamilies, unreach);
  return 0;
}
