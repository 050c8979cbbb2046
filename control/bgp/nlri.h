// Lists of prefixes as they stand in an UPDATE (RFC 4271 section 4.3, RFC 4760 section 5). Pure and total.
#pragma once

#include <vector>

#include "control/bgp/wire.h"
#include "hash/address.h"

namespace ecmpd::control::bgp {

/// Appends the IPv4 prefixes of `nlri` to `out`, host bits cleared. False when the list is malformed (a length above
/// 32, or a prefix that runs past the end); `out` then holds what stood before that.
[[nodiscard]] bool append_ipv4_prefixes(Bytes nlri, std::vector<hash::Prefix>& out);

/// Whether a unicast route may have this prefix: not within 0/8, 127/8, multicast or reserved space (RFC 4271 section
/// 6.3: to be logged and ignored). A shorter one that contains such space may, the default route above all.
bool is_unicast(const hash::Prefix& prefix);

}  // namespace ecmpd::control::bgp
