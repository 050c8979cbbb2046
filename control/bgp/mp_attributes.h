// MP_REACH_NLRI and MP_UNREACH_NLRI (RFC 4760 sections 3 and 4): their head, up to where the prefixes begin.
//
// The nexthops of RFC 2545 (IPv6: global, or global and link-local) and RFC 8950 (the same for IPv4 prefixes) are read
// for both families; an IPv4-mapped one, as FRR writes for lack of an IPv6 address of its own, is the IPv4 address
// that it maps. Pure and total.
#pragma once

#include <optional>

#include "control/bgp/families.h"
#include "control/bgp/wire.h"
#include "hash/address.h"

namespace ecmpd::control::bgp {

struct MpReach {
  Family family{};
  hash::IpAddress next_hop;
  bool next_hop_usable = false;  // an address that a host can have
  Bytes nlri;
};

struct MpUnreach {
  Family family{};
  Bytes nlri;
};

enum class MpVerdict : uint8_t {
  kTaken,
  kOtherFamily,  // not one that this session is for
  kMalformed,    // where its prefixes are cannot be told (RFC 7606 section 7.11)
};

/// `zone`: of the link that a session over link-local addresses is on, else 0. There the link-local nexthop counts, as
/// the only one that is certain to be on the link; elsewhere the global one does, and a link-local one cannot be used.
MpVerdict read_mp_reach(Bytes value, FamilySet families, uint16_t zone, MpReach& out);
MpVerdict read_mp_unreach(Bytes value, FamilySet families, MpUnreach& out);

/// Whether a host can have this address: not 0/8, 127/8, multicast or reserved (RFC 4271 section 6.3, RFC 1812); in
/// IPv6 not ::, ::1 or multicast.
bool is_host_address(const hash::IpAddress& address);

}  // namespace ecmpd::control::bgp
