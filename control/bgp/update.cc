#include "control/bgp/update.h"

#include <algorithm>

#include "control/bgp/attribute_values.h"
#include "control/bgp/nlri.h"
#include "control/bgp/open.h"

namespace ecmpd::control::bgp {
namespace {

Notification update_notification(uint8_t subcode, Bytes data = {}) {
  return {ErrorCode::kUpdateMessage, subcode, {data.begin(), data.end()}};
}
tl::unexpected<Notification> update_failure(uint8_t subcode) { return tl::unexpected(update_notification(subcode)); }

struct MpHeader {
  FamilyId family;
  Bytes rest;
};
bool read_family(Bytes value, MpHeader& out) {
  Reader reader(value);
  if (!reader.u16(out.family.afi) || !reader.u8(out.family.safi)) return false;
  out.rest = reader.rest();
  return true;
}

}  // namespace

void UpdateDecoder::reset(const AttributeContext& context) {
  context_ = context;
  cached_bytes_.clear();
  values_ = {};
}

// RFC 7606 section 3 j: prefixes that cannot be parsed leave nothing to withdraw, so the session ends.
std::optional<Notification> UpdateDecoder::take_mp_unreach(Bytes value, Update& update, bool alone) {
  MpHeader mp;
  if (!read_family(value, mp)) return update_notification(update_error::kOptionalAttribute, value);
  if (mp.family != kIpv4Unicast) return std::nullopt;
  if (!append_ipv4_prefixes(mp.rest, withdrawn_)) return update_notification(update_error::kOptionalAttribute, value);
  update.end_of_rib = alone && mp.rest.empty();
  return std::nullopt;
}

std::optional<Notification> UpdateDecoder::take_mp_reach(Bytes value) {
  const Notification malformed = update_notification(update_error::kOptionalAttribute, value);
  MpHeader mp;
  if (!read_family(value, mp)) return malformed;
  // Other families were not negotiated: ignored as a whole (RFC 4760 section 6 leaves it to us).
  if (mp.family != kIpv4Unicast) return std::nullopt;
  Reader reader(mp.rest);
  uint8_t next_hop_length = 0, reserved = 0;
  Bytes next_hop;
  // RFC 7606 section 7.11: a nexthop of unexpected length hides where the prefixes begin.
  if (!reader.u8(next_hop_length) || next_hop_length != 4) return malformed;
  if (!reader.take(next_hop_length, next_hop) || !reader.u8(reserved)) return malformed;
  if (!append_ipv4_prefixes(reader.rest(), mp_announced_)) return malformed;
  mp_values_ = values_.values;
  mp_values_.next_hop = hash::IpAddress::v4(load_u32(next_hop.data()));
  if (!is_host_address(load_u32(next_hop.data()))) {
    values_.treat_as_withdraw = true;
    if (values_.problem.empty()) values_.problem = "MP_REACH_NLRI with a nexthop that no host can have";
  }
  return std::nullopt;
}

void UpdateDecoder::drop_bogus(std::vector<hash::Prefix>& prefixes) {
  const auto first = std::find_if_not(prefixes.begin(), prefixes.end(), is_unicast);
  if (first == prefixes.end()) return;
  if (values_.problem.empty()) values_.problem = "prefix " + first->to_string() + " is not unicast: ignored";
  prefixes.erase(std::remove_if(first, prefixes.end(), [](const auto& prefix) { return !is_unicast(prefix); }),
                 prefixes.end());
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
  if (!append_ipv4_prefixes(withdrawn, withdrawn_)) return update_failure(update_error::kInvalidNetworkField);

  if (attributes.empty() && nlri.empty()) {
    Update update{.attributes = &values_.values, .mp_attributes = &values_.values, .withdrawn = withdrawn_};
    update.end_of_rib = withdrawn.empty();
    return update;
  }
  return decode_with_attributes(attributes, nlri);
}

Result<Update> UpdateDecoder::decode_with_attributes(Bytes attributes, Bytes nlri) {
  Update update{.attributes = &values_.values, .mp_attributes = &mp_values_};
  if (!append_ipv4_prefixes(nlri, announced_)) return update_failure(update_error::kInvalidNetworkField);

  const bool cached = !cached_bytes_.empty() && !nlri.empty() && std::ranges::equal(attributes, cached_bytes_);
  if (!cached) {
    cached_bytes_.clear();
    auto decoded = decode_attributes(attributes, context_);
    if (!decoded) return tl::unexpected(std::move(decoded.error()));
    values_ = std::move(*decoded);

    if (values_.mp_unreach) {
      const bool alone = !values_.mp_reach && nlri.empty() && withdrawn_.empty();
      if (auto bad = take_mp_unreach(*values_.mp_unreach, update, alone)) return tl::unexpected(std::move(*bad));
    }
    if (values_.mp_reach) {
      if (auto bad = take_mp_reach(*values_.mp_reach)) return tl::unexpected(std::move(*bad));
    }
    const bool complete = values_.origin_seen && values_.as_path_seen && (nlri.empty() || values_.next_hop_seen);
    const bool announces = !nlri.empty() || !mp_announced_.empty();
    if (announces && !complete && !values_.treat_as_withdraw) {
      values_.treat_as_withdraw = true;
      values_.problem = "a mandatory attribute is missing";
    }
    // RFC 7606 section 5.2: with attributes but nothing announced, the announcement itself may be what was damaged.
    if (values_.treat_as_withdraw && !announces && !values_.mp_reach) {
      return update_failure(update_error::kMalformedAttributeList);
    }
    const bool plain = !values_.mp_reach && !values_.mp_unreach && values_.problem.empty();
    if (plain && !nlri.empty()) cached_bytes_.assign(attributes.begin(), attributes.end());
  } else {
    values_.problem.clear();
  }

  drop_bogus(announced_);
  drop_bogus(mp_announced_);
  if (values_.treat_as_withdraw) {
    withdrawn_.insert(withdrawn_.end(), announced_.begin(), announced_.end());
    withdrawn_.insert(withdrawn_.end(), mp_announced_.begin(), mp_announced_.end());
    announced_.clear();
    mp_announced_.clear();
  }
  update.announced = announced_;
  update.mp_announced = mp_announced_;
  update.withdrawn = withdrawn_;
  update.problem = values_.problem;
  return update;
}

}  // namespace ecmpd::control::bgp
