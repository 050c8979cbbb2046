#include "control/bgp/capabilities.h"

#include <algorithm>

namespace ecmpd::control::bgp {
namespace {

constexpr uint16_t kRestarted = 0x8000, kNotification = 0x4000, kRestartTime = 0x0fff;
constexpr uint8_t kForwarding = 0x80;
constexpr uint8_t kReceives = 1, kSends = 2, kDoesBoth = 3;

template <typename Element>
void insert_once(std::vector<Element>& list, const Element& one) {
  if (std::find(list.begin(), list.end(), one) == list.end()) list.push_back(one);
}

bool read_multiprotocol(Bytes value, OpenMessage& open) {
  if (value.size() != 4) return false;
  insert_once(open.families, FamilyId{load_u16(value.data()), value[3]});
  return true;
}

// RFC 4724 section 3: of several the last counts. One that cannot be read promises nothing.
void read_graceful_restart(Bytes value, OpenMessage& open) {
  open.graceful_restart = {};
  if (value.size() < 2 || value.size() % 4 != 2) return;
  GracefulRestart& restart = open.graceful_restart;
  const uint16_t head = load_u16(value.data());
  restart.offered = true;
  restart.restarted = (head & kRestarted) != 0;
  restart.notification = (head & kNotification) != 0;
  restart.restart_time = std::chrono::seconds(head & kRestartTime);
  for (size_t at = 2; at < value.size(); at += 4) {
    const auto family = routed_family({load_u16(&value[at]), value[at + 2]});
    if (!family) continue;
    restart.families.insert(*family);
    if ((value[at + 3] & kForwarding) != 0) restart.forwarding.insert(*family);
  }
}

// RFC 7911 section 4: a tuple with another value than 1, 2 or 3 is ignored.
void read_add_path(Bytes value, OpenMessage& open) {
  for (size_t at = 0; at + 4 <= value.size(); at += 4) {
    const auto family = routed_family({load_u16(&value[at]), value[at + 2]});
    const uint8_t does = value[at + 3];
    if (!family || does < kReceives || does > kDoesBoth) continue;
    if ((does & kReceives) != 0) open.add_path_receive.insert(*family);
    if ((does & kSends) != 0) open.add_path_send.insert(*family);
  }
}

// RFC 8950 section 4: AFI, SAFI (two octets here), AFI of the nexthop.
void read_extended_next_hop(Bytes value, OpenMessage& open) {
  for (size_t at = 0; at + 6 <= value.size(); at += 6) {
    const bool ours = load_u16(&value[at]) == kIpv4Unicast.afi && load_u16(&value[at + 2]) == kIpv4Unicast.safi;
    if (ours && load_u16(&value[at + 4]) == kIpv6Unicast.afi) open.ipv6_nexthops = true;
  }
}

void read_fqdn(Bytes value, OpenMessage& open) {
  Reader reader(value);
  uint8_t length = 0;
  Bytes name;
  if (reader.u8(length) && reader.take(length, name)) open.hostname.assign(name.begin(), name.end());
}

// RFC 5492 section 4: a length that does not fit the capability's definition is a malformed OPEN; but only of those
// two is the session another without them.
bool read_capability(uint8_t code, Bytes value, OpenMessage& open) {
  switch (code) {
    case capability::kMultiprotocol:
      return read_multiprotocol(value, open);
    case capability::kFourOctetAs:
      if (value.size() != 4) return false;
      open.four_octet_as = true;
      open.asn = load_u32(value.data());
      return true;
    case capability::kRouteRefresh:
      open.route_refresh = true;
      return true;
    case capability::kExtendedMessage:
      open.extended_message = true;
      return true;
    case capability::kExtendedNextHop:
      read_extended_next_hop(value, open);
      return true;
    case capability::kGracefulRestart:
      read_graceful_restart(value, open);
      return true;
    case capability::kAddPath:
      read_add_path(value, open);
      return true;
    case capability::kFqdn:
      read_fqdn(value, open);
      return true;
    default:
      return true;
  }
}

void append_capability(std::vector<uint8_t>& out, uint8_t code, Bytes value) {
  append_u8(out, code);
  append_u8(out, static_cast<uint8_t>(value.size()));
  append(out, value);
}

void append_family(std::vector<uint8_t>& out, const FamilyId& family, uint8_t last) {
  append_u16(out, family.afi);
  append_u8(out, family.safi);
  append_u8(out, last);
}

void append_multiprotocol(std::vector<uint8_t>& out, const FamilyId& family) {
  std::vector<uint8_t> value;
  append_u16(value, family.afi);
  append_u8(value, 0);
  append_u8(value, family.safi);
  append_capability(out, capability::kMultiprotocol, value);
}

std::vector<uint8_t> graceful_restart_value(const GracefulRestart& restart) {
  std::vector<uint8_t> value;
  auto head = static_cast<uint16_t>(restart.restart_time.count() & kRestartTime);
  if (restart.restarted) head |= kRestarted;
  if (restart.notification) head |= kNotification;
  append_u16(value, head);
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    if (!restart.families.contains(family)) continue;
    append_family(value, unicast(family), restart.forwarding.contains(family) ? kForwarding : uint8_t{0});
  }
  return value;
}

std::vector<uint8_t> add_path_value(const OpenMessage& open) {
  std::vector<uint8_t> value;
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    uint8_t does = 0;
    if (open.add_path_receive.contains(family)) does |= kReceives;
    if (open.add_path_send.contains(family)) does |= kSends;
    if (does != 0) append_family(value, unicast(family), does);
  }
  return value;
}

}  // namespace

bool decode_capabilities(Bytes list, OpenMessage& open) {
  Reader reader(list);
  while (!reader.empty()) {
    uint8_t code = 0, length = 0;
    Bytes value;
    if (!reader.u8(code) || !reader.u8(length) || !reader.take(length, value)) return false;
    if (!read_capability(code, value, open)) return false;
    insert_once(open.capability_codes, code);
  }
  return true;
}

std::vector<uint8_t> encode_capabilities(const OpenMessage& open) {
  std::vector<uint8_t> out;
  std::vector<uint8_t> value;
  for (const FamilyId& family : open.families) append_multiprotocol(out, family);
  if (open.route_refresh) append_capability(out, capability::kRouteRefresh, {});
  if (open.ipv6_nexthops) {
    append_u16(value, kIpv4Unicast.afi);
    append_u16(value, kIpv4Unicast.safi);
    append_u16(value, kIpv6Unicast.afi);
    append_capability(out, capability::kExtendedNextHop, value);
  }
  if (open.extended_message) append_capability(out, capability::kExtendedMessage, {});
  if (open.graceful_restart.offered) {
    append_capability(out, capability::kGracefulRestart, graceful_restart_value(open.graceful_restart));
  }
  if (open.four_octet_as) {
    value.clear();
    append_u32(value, open.asn);
    append_capability(out, capability::kFourOctetAs, value);
  }
  if (open.add_path_send.any() || open.add_path_receive.any()) {
    append_capability(out, capability::kAddPath, add_path_value(open));
  }
  return out;
}

std::vector<uint8_t> encode_families(FamilySet families) {
  std::vector<uint8_t> out;
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    if (families.contains(family)) append_multiprotocol(out, unicast(family));
  }
  return out;
}

}  // namespace ecmpd::control::bgp
