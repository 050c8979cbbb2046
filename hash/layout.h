// Home layouts: the balanced preference lists behind the `resilient` selector.
//
// A layout gives every bucket a fixed preference list over its home members; a bucket's owner is the first live member
// of its list. So a leave moves only the leaver's buckets, a return undoes it exactly, and history cannot matter.
// Built at once, a layout is a pure function of (members, weights, buckets, seed): the order in which they are given
// does not count. One that grew is a function of its lineage (what it was built from, and what joined or was struck
// since), which is short enough to be recorded across restarts. Layouts are immutable; control thread or any other.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "hash/lineage.h"
#include "hash/member.h"
#include "hash/preference_lists.h"
#include "hash/random.h"
#include "hash/rendezvous.h"

namespace ecmpd::hash {

class HomeLayout {
 public:
  /// The default number of buckets: the smallest power of two with at least 64 a member, at least 256 and at most
  /// kMaxBuckets; with unequal weights enough for 64 a unit of the smallest weight, within the same bound.
  static uint32_t auto_buckets(std::span<const Member> members);

  /// `members` are distinct, 1 to kMaxMembers of them, weights at least 1; `buckets` is a power of two, at least the
  /// number of members and at most kMaxBuckets.
  static std::shared_ptr<const HomeLayout> build(std::span<const Member> members, uint32_t buckets, uint64_t seed);
  /// The layout that `lineage` describes: build, then every step. nullptr when it describes none.
  static std::shared_ptr<const HomeLayout> replay(const Lineage& lineage, uint64_t seed);

  /// With one member more (not in the layout, which has less than kMaxMembers), which takes its exact share of the
  /// buckets, rounded, and moves nothing else. A table smaller than auto_buckets of the new members is first copied
  /// until it is not: index by low bits, so no flow moves by that.
  std::shared_ptr<const HomeLayout> join(const Member& newcomer) const;
  /// Without a member (in the layout, and not the only one) that has stayed away: struck from every list, which moves
  /// nothing as long as it was not live.
  std::shared_ptr<const HomeLayout> strike(const IpAddress& member) const;
  /// With another weight for a member of the layout: only the difference moves, to it or from it. Copies a small table
  /// as join does.
  std::shared_ptr<const HomeLayout> reweigh(const Member& member) const;

  const Lineage& lineage() const { return lineage_; }
  uint64_t seed() const { return seed_; }
  uint32_t buckets() const { return lists_.buckets(); }
  /// Held, nearly.
  size_t memory_bytes() const;
  /// Sorted by address. Indexes below are into this.
  std::span<const Member> members() const { return members_; }
  /// Index of `address` in members(), or -1.
  int index_of(const IpAddress& address) const;

  /// Owner (index into members()) of every bucket when exactly those with live[i] are up. `live` has members().size()
  /// elements, at least one of them true.
  std::vector<uint16_t> owners(const std::vector<bool>& live) const;
  /// The first `depth` (or all) live-or-not members of a bucket's preference list, most preferred first: for explain.
  std::vector<uint16_t> preference(uint32_t bucket, unsigned depth) const;

 private:
  HomeLayout(Lineage lineage, uint64_t seed, std::vector<Member> members, PreferenceLists lists);

  uint16_t position_of(const IpAddress& address) const;
  std::shared_ptr<const HomeLayout> enter(Lineage::Step::Kind kind, std::vector<Member> members, PreferenceLists lists,
                                          uint16_t subject, uint16_t old_weight) const;
  /// The members behind the stored part of a list, in no order yet.
  std::vector<uint16_t> not_stored(uint32_t bucket) const;
  /// Buckets that are copies of one another compute the same: the number in the founders' table.
  uint32_t origin(uint32_t bucket) const { return bucket & (lineage_.buckets - 1); }

  Lineage lineage_;
  uint64_t seed_;
  std::vector<Member> members_;
  PreferenceLists lists_;
  Rendezvous rendezvous_;
};

}  // namespace ecmpd::hash
