#include "control/bgp/mp_attributes.h"

#include <algorithm>

namespace ecmpd::control::bgp {
namespace {

using hash::IpAddress;

// Nullopt when cut short; the inner one when it is no family of ours.
std::optional<std::optional<Family>> read_family(Reader& reader) {
  FamilyId id;
  if (!reader.u16(id.afi) || !reader.u8(id.safi)) return std::nullopt;
  return routed_family(id);
}

// From 16 octets, which are a link-local address with zone bits only by malice: it then names no host.
IpAddress from_wire(const uint8_t* bytes) {
  constexpr uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(kMapped, kMapped + 12, bytes)) return IpAddress::v4(load_u32(bytes + 12));
  const IpAddress address = IpAddress::v6(bytes);
  return address.is_link_local() && address.zone() != 0 ? IpAddress() : address;
}

// Of a global and a link-local address, or only one of them.
IpAddress choose_next_hop(Bytes bytes, uint16_t zone) {
  const IpAddress first = from_wire(bytes.data());
  const IpAddress second = bytes.size() == 32 ? from_wire(&bytes[16]) : IpAddress();
  if (zone != 0) {
    if (second.is_link_local()) return second.with_zone(zone);
    if (first.is_link_local()) return first.with_zone(zone);
  }
  return is_host_address(first) || bytes.size() == 16 ? first : second;
}

}  // namespace

bool is_host_address(const IpAddress& address) {
  const uint8_t* bytes = address.bytes();
  if (address.is_v4()) return bytes[0] != 0 && bytes[0] != 127 && bytes[0] < 224;
  const bool zero_but_last = std::all_of(bytes, bytes + 15, [](uint8_t byte) { return byte == 0; });
  return bytes[0] != 0xff && !(zero_but_last && bytes[15] <= 1);
}

MpVerdict read_mp_unreach(Bytes value, FamilySet families, MpUnreach& out) {
  Reader reader(value);
  const auto family = read_family(reader);
  if (!family) return MpVerdict::kMalformed;
  if (!*family || !families.contains(**family)) return MpVerdict::kOtherFamily;
  out = {**family, reader.rest()};
  return MpVerdict::kTaken;
}

MpVerdict read_mp_reach(Bytes value, FamilySet families, uint16_t zone, MpReach& out) {
  Reader reader(value);
  const auto family = read_family(reader);
  if (!family) return MpVerdict::kMalformed;
  if (!*family || !families.contains(**family)) return MpVerdict::kOtherFamily;
  uint8_t size = 0, reserved = 0;
  Bytes next_hop;
  if (!reader.u8(size) || !reader.take(size, next_hop) || !reader.u8(reserved)) return MpVerdict::kMalformed;
  const bool short_one = size == 4 && **family == Family::kIpv4;
  if (!short_one && size != 16 && size != 32) return MpVerdict::kMalformed;
  out.family = **family;
  out.next_hop = short_one ? IpAddress::v4(load_u32(next_hop.data())) : choose_next_hop(next_hop, zone);
  out.next_hop_usable = is_host_address(out.next_hop);
  out.nlri = reader.rest();
  return MpVerdict::kTaken;
}

}  // namespace ecmpd::control::bgp
