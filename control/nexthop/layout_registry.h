// Which home layouts there are, shared: one hash::Home for each lineage, however many services use it.
//
// A layout is used by prefixes (counted) and lives while one uses it. It never depends on who asked first: what a set
// of nexthops gets is a function of the set, of the layout that the prefix had, and of the layouts in use. Members that
// no group of a layout announces for `forget_after` are struck, which moves nothing. A history ends at kMaxSteps: the
// next step founds the layout anew. Control thread; time is an argument.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "control/rib/nexthop_set.h"
#include "hash/home.h"

namespace ecmpd::control {

/// Any monotonic time.
using Time = std::chrono::steady_clock::time_point;

enum class LayoutId : uint32_t {};
/// No layout: the selector has none.
inline constexpr LayoutId kNoLayout{0};

struct LayoutSettings {
  hash::Selector selector = hash::Selector::kResilient;  // layouts are made only for one that needs a home
  uint64_t seed = 0;
  uint32_t buckets = 0;  // 0: auto; else a power of two (see hash/home.h)
  std::chrono::milliseconds settle{1000};
  std::chrono::milliseconds forget_after{std::chrono::hours(24)};
};

class LayoutRegistry {
 public:
  /// Steps of a lineage (hash/lineage.h) at most. It is recorded, and replayed at every start: a cluster that replaces
  /// its nodes for ever would make both endless. 1,024 are 512 replaced nodes.
  static constexpr size_t kMaxSteps = 1024;

  explicit LayoutRegistry(const LayoutSettings& settings) : settings_(settings) { entries_.resize(1); }

  const LayoutSettings& settings() const { return settings_; }

  const hash::Home& get(LayoutId id) const { return *entry(id).layout; }
  uint32_t users(LayoutId id) const { return entry(id).users; }

  /// True when every nexthop of `set` is a member with that weight: the set needs no other layout.
  bool covers(LayoutId id, const NexthopSet& set) const;
  /// True when no nexthop of `set` is a member: nothing of the layout is worth keeping.
  bool disjoint(LayoutId id, const NexthopSet& set) const;

  /// For a prefix without a past: of the layouts in use that cover `set` the one with most users (ties: the smaller
  /// lineage), else one built at once from it.
  LayoutId choose(const NexthopSet& set, Time now);
  /// For a prefix whose layout does not cover its set: weights changed in order of address, then newcomers joined in
  /// order of address. Newcomers that come within `settle` of one another count as one step, so that services which
  /// grow alike end in one layout even if their updates were interleaved. Beyond kMaxSteps the layout is built at once
  /// from the set and the members that are not away too long, and flows move, this once.
  LayoutId grow(LayoutId from, const NexthopSet& set, Time now);
  /// A layout from a record. kNoLayout when the lineage describes none.
  LayoutId adopt(const hash::Lineage& lineage, Time now);

  void add_users(LayoutId id, uint32_t count = 1) { entry(id).users += count; }
  void remove_user(LayoutId id);
  /// A group of this layout announces (or no longer announces) these nexthops.
  void announced(LayoutId id, const NexthopSet& set);
  void withdrawn(LayoutId id, const NexthopSet& set, Time now);
  /// Members that no group of the layout announces.
  std::vector<hash::IpAddress> away(LayoutId id) const;
  /// How often a member of any layout began or ceased to be away.
  uint64_t away_changes() const { return away_changes_; }

  /// Other settings from now on. With another selector, seed or number of buckets the layouts that there are will not
  /// be found any more, and go with their users.
  void configure(const LayoutSettings& settings);

  /// Drops layouts that nobody uses.
  void collect();
  /// Strikes members that have been away too long. True when any was.
  bool expire(Time now);

  /// Calls visit(id) for each layout in use, in order of lineage.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (const auto& [lineage, id] : by_lineage_) visit(id);
  }
  size_t size() const { return by_lineage_.size(); }

 private:
  struct Entry {
    std::shared_ptr<const hash::Home> layout;
    uint32_t users = 0;
    Time created{};
    std::shared_ptr<const hash::Home> base;  // what it grew from, while it is younger than settle
    // By member: how many groups announce it, and since when none does.
    std::vector<uint32_t> announcers;
    std::vector<Time> away_since;
  };

  Entry& entry(LayoutId id) { return entries_[static_cast<uint32_t>(id)]; }
  const Entry& entry(LayoutId id) const { return entries_[static_cast<uint32_t>(id)]; }
  LayoutId find(const hash::Lineage& lineage) const;
  LayoutId add(std::shared_ptr<const hash::Home> layout, std::shared_ptr<const hash::Home> base, Time now);
  bool is_away(const Entry& layout, size_t member, Time now) const {
    return layout.announcers[member] == 0 && now - layout.away_since[member] >= settings_.forget_after;
  }
  LayoutId found_anew(LayoutId from, const NexthopSet& set, Time now);
  bool strike(LayoutId id, const std::vector<hash::Member>& members);

  LayoutSettings settings_;
  std::vector<Entry> entries_;  // by id; [0] is kNoLayout
  std::vector<LayoutId> free_;
  std::vector<LayoutId> unused_;  // perhaps: looked at by collect()
  std::map<hash::Lineage, LayoutId> by_lineage_;
  uint64_t away_changes_ = 0;
};

}  // namespace ecmpd::control
