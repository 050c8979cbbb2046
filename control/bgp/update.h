// UPDATE (RFC 4271 section 4.3), IPv4 and IPv6 unicast, in its own and its multiprotocol form (RFC 4760).
//
// One decoder for each session: it keeps its buffers, and the attributes of the last UPDATE beside their bytes, so
// that a node that sends its routes one by one costs neither an allocation nor a second decoding for each. Pure and
// total.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "control/bgp/attribute_decoder.h"
#include "control/bgp/attributes.h"
#include "control/bgp/nlri.h"
#include "control/bgp/notification.h"
#include "hash/address.h"

namespace ecmpd::control::bgp {

/// Views into the decoder, valid until its next call. Each span of identifiers is empty or as long as its prefixes.
struct Update {
  const PathAttributes* attributes = nullptr;  // never null
  std::span<const hash::Prefix> announced{};
  std::span<const uint32_t> announced_ids{};
  /// Announced in MP_REACH_NLRI, whose nexthop is its own.
  const PathAttributes* mp_attributes = nullptr;  // never null
  std::span<const hash::Prefix> mp_announced{};
  std::span<const uint32_t> mp_announced_ids{};
  std::span<const hash::Prefix> withdrawn{};
  std::span<const uint32_t> withdrawn_ids{};
  std::optional<Family> end_of_rib{};  // RFC 4724 section 2
  std::string_view problem{};          // what was wrong and did not end the session; empty: nothing
};

class UpdateDecoder {
 public:
  /// Before the first decode() of a session.
  void reset(const AttributeContext& context);
  Result<Update> decode(Bytes body);

 private:
  Result<Update> decode_with_attributes(Bytes attributes, Bytes nlri);
  std::optional<Notification> take_attributes(Bytes attributes, Bytes nlri, Update& update);
  std::optional<Notification> take_mp_unreach(const RawAttribute& attribute, Update& update, bool alone);
  std::optional<Notification> take_mp_reach(const RawAttribute& attribute);
  bool append(Bytes nlri, Family family, PrefixList& out) const;
  void drop_bogus(PrefixList& list);

  AttributeContext context_;
  std::vector<uint8_t> cached_bytes_;  // of values_.values; empty: nothing cached
  DecodedAttributes values_;
  PathAttributes mp_values_;
  PrefixList announced_, mp_announced_, withdrawn_;
};

}  // namespace ecmpd::control::bgp
