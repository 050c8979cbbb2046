// A message that was wrong, as text for the log (RFC 7606 section 6): what came, and which prefixes it is about.
//
// Both are bounded, whatever the peer sends: a log line of them stays below about 1,500 characters. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "control/bgp/wire.h"
#include "hash/address.h"

namespace ecmpd::control::bgp {

inline constexpr size_t kBytesShown = 256;   // of a message
inline constexpr size_t kPrefixesShown = 8;  // of a list

/// "23 bytes: ffff...0200", lower-case hex without spaces as other tools read it; behind the first kBytesShown
/// "... and 4767 more".
std::string quote_bytes(Bytes bytes);

/// "203.0.113.10/32, 203.0.113.11/32 and 3 more"; "none".
std::string list_prefixes(std::span<const hash::Prefix> prefixes);

}  // namespace ecmpd::control::bgp
