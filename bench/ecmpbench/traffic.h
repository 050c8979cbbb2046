// What is routed and what is sent: prefixes with the lengths of the Internet's table, and flows to addresses in them.
//
// A function of its arguments, the same on every machine: hash/random.h only. Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "hash/address.h"
#include "hash/key.h"

namespace ecmpd::bench {

/// The most prefixes of either family that make_prefixes() finds room for in reasonable time.
inline constexpr uint32_t kMostPrefixes = 1'000'000;

/// `count` different prefixes (1..kMostPrefixes) in random order. One by itself is 198.51.100.0/24 or
/// 2001:db8:100::/48; more have the lengths that the Internet's table has, in the address space that it uses. No prefix
/// holds an address that a router must not forward to.
std::vector<hash::Prefix> make_prefixes(hash::Family family, uint32_t count, uint64_t seed);

/// `count` UDP flows, each to a random address in one of `prefixes`, which are of one family; random sources and ports.
std::vector<hash::Tuple> make_flows(std::span<const hash::Prefix> prefixes, uint32_t count, uint64_t seed);

}  // namespace ecmpd::bench
