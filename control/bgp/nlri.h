// Lists of prefixes as they stand in an UPDATE (RFC 4271 section 4.3, RFC 4760 section 5), with or without path
// identifiers (RFC 7911 section 3). Pure and total.
#pragma once

#include <vector>

#include "control/bgp/families.h"
#include "control/bgp/wire.h"
#include "hash/address.h"

namespace ecmpd::control::bgp {

/// Prefixes of one UPDATE, perhaps of both families.
struct PrefixList {
  std::vector<hash::Prefix> prefixes;
  std::vector<uint32_t> path_ids;  // as many, or none at all; 0 for a prefix that came without

  bool empty() const { return prefixes.empty(); }
  void clear();
  void append(const PrefixList& other);
};

/// Appends the prefixes of `nlri` to `out`, host bits cleared. False when the list is malformed (a length above the
/// family's, or a prefix that runs past the end); `out` then holds what stood before that.
[[nodiscard]] bool append_prefixes(Bytes nlri, Family family, bool with_path_ids, PrefixList& out);

/// Whether a unicast route may have this prefix (RFC 4271 section 6.3: else to be logged and ignored): not within 0/8,
/// 127/8, multicast or reserved space; in IPv6 not ::, ::1, link-local, multicast or IPv4-mapped. A shorter one that
/// contains such space may, the default route above all.
bool is_unicast(const hash::Prefix& prefix);

}  // namespace ecmpd::control::bgp
