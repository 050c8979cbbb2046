// Weighted rendezvous: the order in which a bucket prefers members, computed instead of stored.
//
// Each (bucket, member) has a fixed pseudo-random score; the lowest -log2(score) / weight is preferred. Whom a bucket
// prefers of two members depends on those two only, so members may come and go without any other pair changing order.
// Integers only: the same on every machine. Immutable; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "hash/member.h"

namespace ecmpd::hash {

/// Expands a configured seed for the making of tables, whose numbers are not those of the hash with the same seed.
uint64_t table_seed(uint64_t seed);

/// A number for a member that depends on its address and the seed only.
uint64_t member_key(const IpAddress& address, uint64_t seed);

class Rendezvous {
 public:
  Rendezvous(std::span<const Member> members, uint64_t seed);

  /// The most preferred of `candidates` (indexes of members, at least one).
  uint16_t best(uint32_t bucket, std::span<const uint16_t> candidates) const;
  /// Puts `candidates` in order, most preferred first.
  void sort(uint32_t bucket, std::span<uint16_t> candidates) const;

 private:
  struct Rank {
    uint64_t cost;  // -log2 of the score, fixed point
    uint32_t score;
    uint16_t weight;
    uint16_t member;
    bool before(const Rank& other) const;
  };
  uint32_t score(uint32_t bucket, uint16_t member) const;
  Rank rank(uint32_t bucket, uint16_t member) const;

  std::vector<uint64_t> keys_;
  std::vector<uint16_t> weights_;
  bool equal_weights_ = true;
};

/// The table of the `rendezvous` selector: every bucket goes to the member that it prefers. A function of the member
/// set and the seed; entries are indexes into `members` (at least one).
std::vector<uint16_t> rendezvous_table(std::span<const Member> members, uint32_t buckets, uint64_t seed);

}  // namespace ecmpd::hash
