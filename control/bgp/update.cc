#include "control/bgp/update.h"

#include <algorithm>

#include "control/bgp/mp_attributes.h"

namespace ecmpd::control::bgp {
namespace {

Notification update_notification(uint8_t subcode, Bytes data = {}) {
  return {ErrorCode::kUpdateMessage, subcode, {data.begin(), data.end()}};
}
tl::unexpected<Notification> update_failure(uint8_t subcode) { return tl::unexpected(update_notification(subcode)); }

}  // namespace

void UpdateDecoder::reset(const AttributeContext& context) {
  context_ = context;
  cached_bytes_.clear();
  values_ = {};
}

bool UpdateDecoder::append(Bytes nlri, Family family, PrefixList& out) const {
  return append_prefixes(nlri, family, context_.add_path.contains(family), out);
}

// RFC 7606 section 3 j: prefixes that cannot be parsed leave nothing to withdraw, so the session ends.
std::optional<Notification> UpdateDecoder::take_mp_unreach(const RawAttribute& attribute, Update& update, bool alone) {
  MpUnreach mp;
  switch (read_mp_unreach(attribute.value, context_.families, mp)) {
    case MpVerdict::kOtherFamily:
      return std::nullopt;
    case MpVerdict::kMalformed:
      return update_notification(update_error::kOptionalAttribute, attribute.whole);
    case MpVerdict::kTaken:
      break;
  }
  if (!append(mp.nlri, mp.family, withdrawn_))
    return update_notification(update_error::kOptionalAttribute, attribute.whole);
  if (alone && mp.nlri.empty()) update.end_of_rib = mp.family;
  return std::nullopt;
}

std::optional<Notification> UpdateDecoder::take_mp_reach(const RawAttribute& attribute) {
  MpReach mp;
  switch (read_mp_reach(attribute.value, context_.families, context_.zone, mp)) {
    case MpVerdict::kOtherFamily:
      return std::nullopt;  // not negotiated: ignored as a whole (RFC 4760 section 6 leaves it to us)
    case MpVerdict::kMalformed:
      return update_notification(update_error::kOptionalAttribute, attribute.whole);
    case MpVerdict::kTaken:
      break;
  }
  if (!append(mp.nlri, mp.family, mp_announced_))
    return update_notification(update_error::kOptionalAttribute, attribute.whole);
  mp_values_ = values_.values;
  mp_values_.next_hop = mp.next_hop;
  if (!mp.next_hop_usable) {
    values_.treat_as_withdraw = true;
    if (values_.problem.empty()) values_.problem = "MP_REACH_NLRI with a nexthop that no host can have";
  }
  return std::nullopt;
}

void UpdateDecoder::drop_bogus(PrefixList& list) {
  const auto first = std::find_if_not(list.prefixes.begin(), list.prefixes.end(), is_unicast);
  if (first == list.prefixes.end()) return;
  if (values_.problem.empty()) values_.problem = "prefix " + first->to_string() + " is not unicast: ignored";
  const bool with_ids = !list.path_ids.empty();
  size_t kept = 0;
  for (size_t i = 0; i < list.prefixes.size(); ++i) {
    if (!is_unicast(list.prefixes[i])) continue;
    list.prefixes[kept] = list.prefixes[i];
    if (with_ids) list.path_ids[kept] = list.path_ids[i];
    ++kept;
  }
  list.prefixes.resize(kept);
  if (with_ids) list.path_ids.resize(kept);
}

Result<Update> UpdateDecoder::decode(Bytes body) {
  announced_.clear();
  mp_announced_.clear();
  withdrawn_.clear();
  Reader reader(body);
  uint16_t withdrawn_size = 0, attributes_size = 0;
  Bytes withdrawn, attributes;
  // The two lengths are what everything else rests on (RFC 4271 section 6.3).
  if (!reader.u16(withdrawn_size) || !reader.take(withdrawn_size, withdrawn) || !reader.u16(attributes_size) ||
      !reader.take(attributes_size, attributes)) {
    return update_failure(update_error::kMalformedAttributeList);
  }
  const Bytes nlri = reader.rest();
  if (!append(withdrawn, Family::kIpv4, withdrawn_)) return update_failure(update_error::kInvalidNetworkField);
  if (!context_.families.ipv4) withdrawn_.clear();  // not negotiated

  if (attributes.empty() && nlri.empty()) {
    Update update{.attributes = &values_.values, .mp_attributes = &values_.values};
    update.withdrawn = withdrawn_.prefixes;
    update.withdrawn_ids = withdrawn_.path_ids;
    if (withdrawn.empty() && context_.families.ipv4) update.end_of_rib = Family::kIpv4;
    return update;
  }
  return decode_with_attributes(attributes, nlri);
}

std::optional<Notification> UpdateDecoder::take_attributes(Bytes attributes, Bytes nlri, Update& update) {
  cached_bytes_.clear();
  auto decoded = decode_attributes(attributes, context_);
  if (!decoded) return std::move(decoded.error());
  values_ = std::move(*decoded);

  if (values_.mp_unreach) {
    const bool alone = !values_.mp_reach && nlri.empty() && withdrawn_.empty();
    if (auto bad = take_mp_unreach(*values_.mp_unreach, update, alone)) return bad;
  }
  if (values_.mp_reach) {
    if (auto bad = take_mp_reach(*values_.mp_reach)) return bad;
  }
  // RFC 4760 section 3: where MP_REACH_NLRI announces everything, NEXT_HOP is ignored. One of a wrong length is
  // malformed there as well (RFC 7606 section 7.3).
  if (values_.next_hop_unusable && !(values_.mp_reach && nlri.empty())) {
    values_.treat_as_withdraw = true;
    values_.problem.insert(
        0, values_.problem.empty() ? "NEXT_HOP that no host can have" : "NEXT_HOP that no host can have; ");
  }
  const bool complete = values_.origin_seen && values_.as_path_seen && (nlri.empty() || values_.next_hop_seen);
  const bool announces = !nlri.empty() || !mp_announced_.empty();
  if (announces && !complete && !values_.treat_as_withdraw) {
    values_.treat_as_withdraw = true;
    values_.problem = "a mandatory attribute is missing";
  }
  // RFC 7606 section 5.2: with attributes but nothing announced, the announcement itself may be what was damaged.
  if (values_.treat_as_withdraw && !announces && !values_.mp_reach) {
    return update_notification(update_error::kMalformedAttributeList);
  }
  const bool plain = !values_.mp_reach && !values_.mp_unreach && values_.problem.empty();
  if (plain && !nlri.empty()) cached_bytes_.assign(attributes.begin(), attributes.end());
  return std::nullopt;
}

Result<Update> UpdateDecoder::decode_with_attributes(Bytes attributes, Bytes nlri) {
  Update update{.attributes = &values_.values, .mp_attributes = &mp_values_};
  if (!append(nlri, Family::kIpv4, announced_)) return update_failure(update_error::kInvalidNetworkField);

  const bool cached = !cached_bytes_.empty() && !nlri.empty() && std::ranges::equal(attributes, cached_bytes_);
  if (cached) {
    values_.problem.clear();
  } else if (auto bad = take_attributes(attributes, nlri, update)) {
    return tl::unexpected(std::move(*bad));
  }
  if (!context_.families.ipv4 && !nlri.empty()) announced_.clear();  // not negotiated

  drop_bogus(announced_);
  drop_bogus(mp_announced_);
  if (values_.treat_as_withdraw) {
    withdrawn_.append(announced_);
    withdrawn_.append(mp_announced_);
    announced_.clear();
    mp_announced_.clear();
  }
  update.announced = announced_.prefixes;
  update.announced_ids = announced_.path_ids;
  update.mp_announced = mp_announced_.prefixes;
  update.mp_announced_ids = mp_announced_.path_ids;
  update.withdrawn = withdrawn_.prefixes;
  update.withdrawn_ids = withdrawn_.path_ids;
  update.problem = values_.problem;
  return update;
}

}  // namespace ecmpd::control::bgp
