// A home: the members that a group of prefixes has had, from which every table of the group is made.
//
// The same value for every selector, in the router and in the laboratory. A table is a function of (selector, home,
// who is live) and never of what happened before; a home is a function of its lineage and the seed. So a member that
// leaves and returns finds the table that it left. Immutable; control thread or any other.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hash/layout.h"
#include "hash/selector.h"

namespace ecmpd::hash {

class Home {
 public:
  /// Why there can be no such home, in words for a person; empty when there can: 1 to kMaxMembers distinct members
  /// with weights of at least 1, for resilient no more than buckets; `buckets` a power of two up to kMaxBuckets, or 0.
  static std::string refusal(Selector selector, std::span<const Member> members, uint32_t buckets);

  /// Built at once: a function of the set of members, whatever their order. refusal() is empty. `buckets` is the size
  /// of the table: of resilient as it is (0: HomeLayout::auto_buckets), of rendezvous as it is (0: 65536), of maglev
  /// the smallest prime above it (0: 65537); the tables of the others are as large as weights demand.
  static std::shared_ptr<const Home> build(Selector selector, std::span<const Member> members, uint32_t buckets,
                                           uint64_t seed);
  /// The home that `lineage` describes; nullptr when it describes none (it may come from a file).
  static std::shared_ptr<const Home> replay(Selector selector, const Lineage& lineage, uint64_t seed);

  /// With one member more, of at least weight 1; it is new, and there are less than kMaxMembers.
  std::shared_ptr<const Home> join(const Member& newcomer) const;
  /// Without a member (of the home, and not the only one).
  std::shared_ptr<const Home> strike(const IpAddress& member) const;
  /// With another weight for a member of the home.
  std::shared_ptr<const Home> reweigh(const Member& member) const;

  Selector selector() const { return selector_; }
  uint64_t seed() const { return seed_; }
  const Lineage& lineage() const { return layout_ ? layout_->lineage() : lineage_; }
  /// Sorted by address. Indexes below are into this.
  std::span<const Member> members() const { return members_; }
  /// Index of `address` in members(), or -1.
  int index_of(const IpAddress& address) const;
  /// Held, nearly.
  size_t memory_bytes() const;
  /// Of the resilient selector only, else nullptr.
  const HomeLayout* layout() const { return layout_.get(); }

  /// The table when exactly those with live[i] are up; owners are indexes into members(). Nobody: an empty table.
  /// `live` has members().size() elements.
  BucketTable table(const std::vector<bool>& live) const;
  /// Owner of a hash when everybody is up.
  uint16_t first_choice(uint32_t hash) const;
  /// How far `table` is from the exact shares of the live members: the largest |share - exact| / exact.
  double worst_deviation(const BucketTable& table, const std::vector<bool>& live) const;

 private:
  Home(Selector selector, uint64_t seed, Lineage lineage, std::vector<Member> members, std::vector<uint16_t> order);
  explicit Home(std::shared_ptr<const HomeLayout> layout);

  Selector selector_;
  uint64_t seed_;
  Lineage lineage_;  // empty with a layout, which has its own
  std::vector<Member> members_;
  std::vector<uint16_t> order_;               // of regions, for hash-threshold; else of address
  std::shared_ptr<const HomeLayout> layout_;  // of resilient
};

}  // namespace ecmpd::hash
