// Which layout a prefix had, while it has no route: after a withdrawal, or from the record of the last run.
//
// A service that comes back finds its old table again, in whatever order its nodes return. Forgotten after
// `forget_after`, and the oldest first beyond kMaxPrefixes, kMaxLayouts different layouts or kMaxBytes of them. Control
// thread; time is an argument.
#pragma once

#include <deque>
#include <unordered_map>

#include "control/nexthop/layout_registry.h"
#include "hash/address.h"

namespace ecmpd::control {

class LayoutMemory {
 public:
  static constexpr size_t kMaxPrefixes = 1u << 20;
  static constexpr size_t kMaxLayouts = 1u << 14;
  static constexpr size_t kMaxBytes = size_t{256} << 20;  // one of 1,024 nodes takes up to 4 MB

  /// Keeps the layouts in use (LayoutRegistry::add_users).
  explicit LayoutMemory(LayoutRegistry& layouts, size_t maximum_bytes = kMaxBytes)
      : layouts_(layouts), maximum_bytes_(maximum_bytes) {}

  /// Replaces what was remembered.
  void remember(const hash::Prefix& prefix, LayoutId layout, Time now);
  /// The prefix's layout, forgotten by this; kNoLayout when there is none. The caller has become its user in place of
  /// the memory.
  LayoutId take(const hash::Prefix& prefix);
  void clear();
  /// Forgets what was remembered before `oldest`.
  void expire(Time oldest);

  size_t size() const { return entries_.size(); }
  size_t layouts() const { return kept_.size(); }
  /// That these layouts take.
  size_t bytes() const { return bytes_; }
  template <typename Visit>
  void for_each(Visit visit) const {
    for (const auto& [prefix, entry] : entries_) visit(prefix, entry.layout);
  }

 private:
  struct Entry {
    LayoutId layout;
    Time since;
  };
  void keep(LayoutId layout);
  void drop(LayoutId layout);
  void forget_front();
  void drop_outdated();

  LayoutRegistry& layouts_;
  size_t maximum_bytes_;
  size_t bytes_ = 0;
  std::unordered_map<hash::Prefix, Entry> entries_;
  struct Kept {
    uint32_t prefixes = 0;
    size_t bytes = 0;  // as counted at first: a struck layout has others
  };
  std::unordered_map<LayoutId, Kept> kept_;
  std::deque<std::pair<Time, hash::Prefix>> order_;  // oldest first; outdated where entries_ has another time
};

}  // namespace ecmpd::control
