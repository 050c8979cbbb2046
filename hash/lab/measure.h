// Units on members: hashed, selected, counted, and compared with perfect hashing. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "hash/function.h"
#include "hash/lab/evenness.h"
#include "hash/lab/goodness.h"
#include "hash/lab/router.h"
#include "hash/lab/units.h"

namespace ecmpd::hash::lab {

/// The hash of each unit, in the order of units.flows.
std::vector<uint32_t> hash_units(const Units& units, const Hasher& hasher);

/// The same units with the keys of a router that looks at `fields` only; keys may be there more than once.
Units masked_units(const Units& units, const KeyFields& fields);

/// By member.
struct Loads {
  std::vector<uint64_t> units;
  std::vector<uint64_t> flows;
  std::vector<uint64_t> bytes;
};
Loads place_units(const Units& units, std::span<const uint32_t> hashes, const BucketTable& table, size_t members);

enum class Verdict : uint8_t {
  kEven,         // as perfect hashing would spread them
  kUneven,       // the function makes hot spots
  kTooEven,      // the function maps structure to structure
  kTableUneven,  // the function is fine, the table gives members shares too far from their weights
};
/// "even", "uneven", "too even (structured)" or "uneven (table)".
std::string_view to_string(Verdict verdict);

/// A verdict other than even has at most this chance where there is nothing to see.
constexpr double kSignificance = 0.001;

/// So far may a table's shares be off: what whole buckets allow where there are 64 for each member, the least that a
/// router takes with buckets = "auto".
constexpr double kTableGrain = 1.0 / 64;

/// How far the worst member's share of the hash space is from what its weight asks for: |share - exact| / exact.
double table_deviation(std::span<const uint32_t> entries, std::span<const uint32_t> weights);

/// `of_table` tests against the shares that the table gives, `of_weights` against the exact ones. A table within
/// kTableGrain is even however many flows look at it.
Verdict judge(const Tails& of_table, const Tails& of_weights, double table_deviation);

}  // namespace ecmpd::hash::lab
