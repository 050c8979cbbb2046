// A lineage: who belonged to a home from the start, and who joined, was struck or changed weight since.
//
// Short enough to be recorded across restarts; with the seed it says all about a home (hash/home.h) and its layout
// (hash/layout.h). A value; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "hash/member.h"

namespace ecmpd::hash {

/// What a home is a function of, besides the seed.
struct Lineage {
  struct Step {
    enum class Kind : uint8_t { kJoin, kStrike, kReweigh };
    Kind kind;
    Member member;  // the weight of one that was struck is the one that it had
    auto operator<=>(const Step&) const = default;
  };
  std::vector<Member> founders;  // sorted by address
  std::vector<Step> steps;       // in the order in which they happened
  uint32_t buckets = 0;          // of the founders' table; steps may have grown it since
  auto operator<=>(const Lineage&) const = default;
};

/// At most this many members of a home; more are the caller's to refuse (maximum_paths).
inline constexpr unsigned kMaxMembers = 1024;
/// The largest number of buckets (maglev's table is one larger, a prime).
inline constexpr uint32_t kMaxBuckets = 65536;

inline bool by_address(const Member& a, const Member& b) { return a.address < b.address; }

/// 1 to kMaxMembers founders, sorted and distinct, with weights; buckets a power of two up to kMaxBuckets.
bool valid_founders(const Lineage& lineage);

/// `home` after `steps`; nullptr when one of them makes no sense: it is about a member that is not there (or is, for a
/// join), about the last one, or a count or weight is out of bounds. For Home and HomeLayout.
template <typename AnyHome>
std::shared_ptr<const AnyHome> take_steps(std::shared_ptr<const AnyHome> home, std::span<const Lineage::Step> steps) {
  using Kind = Lineage::Step::Kind;
  for (const auto& [kind, member] : steps) {
    const bool known = home->index_of(member.address) >= 0;
    const size_t count = home->members().size();
    if (kind == Kind::kJoin && !known && member.weight != 0 && count < kMaxMembers) {
      home = home->join(member);
    } else if (kind == Kind::kStrike && known && count > 1) {
      home = home->strike(member.address);
    } else if (kind == Kind::kReweigh && known && member.weight != 0) {
      home = home->reweigh(member);
    } else {
      return nullptr;
    }
  }
  return home;
}

}  // namespace ecmpd::hash
