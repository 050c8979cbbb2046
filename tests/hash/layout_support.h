// What the tests of layouts share: members by number, live sets, and what moved between two tables.
#pragma once

#include <algorithm>
#include <vector>

#include "hash/layout.h"
#include "hash/shares.h"

namespace ecmpd::hash {

inline IpAddress address_of(uint32_t number) { return IpAddress::v4(0x0a000000 + number); }

/// Members first .. first + count - 1, of weight 1.
inline std::vector<Member> members_of(unsigned count, uint32_t first = 1) {
  std::vector<Member> members;
  for (unsigned i = 0; i < count; ++i) members.push_back({address_of(first + i), 1});
  return members;
}

inline std::vector<Member> weighted(const std::vector<uint16_t>& weights) {
  auto members = members_of(static_cast<unsigned>(weights.size()));
  for (size_t i = 0; i < weights.size(); ++i) members[i].weight = weights[i];
  return members;
}

inline std::vector<bool> all_up(const HomeLayout& layout) { return std::vector<bool>(layout.members().size(), true); }

/// All up but `down` members, chosen at random.
inline std::vector<bool> with_down(const HomeLayout& layout, unsigned down, Random& random) {
  auto live = all_up(layout);
  while (down > 0) {
    const uint32_t at = random.below(static_cast<uint32_t>(live.size()));
    if (!live[at]) continue;
    live[at] = false;
    --down;
  }
  return live;
}

/// The owner's address of every bucket, which means the same in every layout.
inline std::vector<IpAddress> owner_addresses(const HomeLayout& layout, const std::vector<bool>& live) {
  std::vector<IpAddress> out;
  for (const uint16_t owner : layout.owners(live)) out.push_back(layout.members()[owner].address);
  return out;
}

/// The live set of `to` in which each member is as in `from`'s live set, and members unknown there are up or down.
inline std::vector<bool> same_live(const HomeLayout& from, const std::vector<bool>& live, const HomeLayout& to,
                                   bool others) {
  std::vector<bool> out;
  for (const auto& member : to.members()) {
    const int at = from.index_of(member.address);
    out.push_back(at < 0 ? others : live[static_cast<size_t>(at)]);
  }
  return out;
}

struct Moves {
  uint32_t to = 0;      // the subject
  uint32_t from = 0;    // the subject
  uint32_t others = 0;  // between two others: collateral
  bool operator==(const Moves&) const = default;
};

/// `after` may have a multiple of the buckets of `before`: index by low bits.
inline Moves moves(const std::vector<IpAddress>& before, const std::vector<IpAddress>& after,
                   const IpAddress& subject) {
  Moves out;
  for (size_t i = 0; i < after.size(); ++i) {
    const IpAddress& old = before[i % before.size()];
    if (after[i] == old) continue;
    ++(after[i] == subject ? out.to : old == subject ? out.from : out.others);
  }
  return out;
}

/// Of the live members only.
inline double deviation(const HomeLayout& layout, const std::vector<bool>& live) {
  std::vector<Member> members(layout.members().begin(), layout.members().end());
  for (size_t i = 0; i < members.size(); ++i) {
    if (!live[i]) members[i].weight = 0;
  }
  return worst_deviation(layout.owners(live), members);
}

}  // namespace ecmpd::hash
