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

#include "hash/address.h"

namespace ecmpd::hash {

/// A member of a nexthop group is identified by its nexthop address; shares are in proportion to weights (1..65535).
struct Member {
  IpAddress address;
  uint16_t weight = 1;
  auto operator<=>(const Member&) const = default;
};

/// What a layout is a function of, besides the seed.
struct Lineage {
  struct Step {
    enum class Kind : uint8_t { kJoin, kStrike, kReweigh };
    Kind kind;
    Member member;
    auto operator<=>(const Step&) const = default;
  };
  std::vector<Member> founders;  // sorted by address
  std::vector<Step> steps;       // in the order in which they happened
  uint32_t buckets = 0;          // of the founders' table; joins may have grown it since
  auto operator<=>(const Lineage&) const = default;
};

class HomeLayout {
 public:
  /// At most this many members; more are the caller's to refuse (maximum_paths).
  static constexpr unsigned kMaxMembers = 1024;
  static constexpr uint32_t kMaxBuckets = 65536;

  /// The default number of buckets: the smallest power of two with at least 64 a member, at least 256 and at most
  /// kMaxBuckets; with unequal weights enough for 64 a unit of the smallest weight, within the same bound.
  static uint32_t auto_buckets(std::span<const Member> members);

  /// `members` are distinct, 1 to kMaxMembers of them; `buckets` is a power of two, at least the number of members.
  static std::shared_ptr<const HomeLayout> build(std::span<const Member> members, uint32_t buckets, uint64_t seed);
  /// The layout that `lineage` describes: build, then every step.
  static std::shared_ptr<const HomeLayout> replay(const Lineage& lineage, uint64_t seed);

  /// With one member more, which takes its exact share of the buckets (rounded) and moves nothing else. When buckets
  /// would fall below 64 a member (below kMaxBuckets) the table is first copied 2^k times: index by low bits, so no
  /// flow moves by that.
  std::shared_ptr<const HomeLayout> join(const Member& newcomer) const;
  /// Without a member that has stayed away: struck from every list, which moves nothing as long as it was not live.
  std::shared_ptr<const HomeLayout> strike(const IpAddress& member) const;
  /// With another weight for a member: only the difference moves.
  std::shared_ptr<const HomeLayout> reweigh(const Member& member) const;

  virtual ~HomeLayout() = default;
  virtual const Lineage& lineage() const = 0;
  virtual uint64_t seed() const = 0;
  virtual uint32_t buckets() const = 0;
  /// Sorted by address. Indexes below are into this.
  virtual std::span<const Member> members() const = 0;
  /// Index of `address` in members(), or -1.
  virtual int index_of(const IpAddress& address) const = 0;

  /// Owner (index into members()) of every bucket when exactly those with live[i] are up. `live` has members().size()
  /// elements, at least one of them true.
  virtual std::vector<uint16_t> owners(const std::vector<bool>& live) const = 0;
  /// The first `depth` live-or-not members of a bucket's preference list, most preferred first: for explain.
  virtual std::vector<uint16_t> preference(uint32_t bucket, unsigned depth) const = 0;
};

}  // namespace ecmpd::hash
