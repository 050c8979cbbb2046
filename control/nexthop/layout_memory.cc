#include "control/nexthop/layout_memory.h"

namespace ecmpd::control {

void LayoutMemory::keep(LayoutId layout) {
  layouts_.add_users(layout);
  Kept& kept = kept_[layout];
  if (kept.prefixes++ == 0) bytes_ += kept.bytes = layouts_.get(layout).memory_bytes();
}

void LayoutMemory::drop(LayoutId layout) {
  const auto found = kept_.find(layout);
  if (--found->second.prefixes > 0) return;
  bytes_ -= found->second.bytes;
  kept_.erase(found);
}

void LayoutMemory::remember(const hash::Prefix& prefix, LayoutId layout, Time now) {
  keep(layout);
  const auto [entry, fresh] = entries_.try_emplace(prefix, Entry{layout, now});
  if (!fresh) {
    drop(entry->second.layout);
    layouts_.remove_user(entry->second.layout);
    entry->second = {layout, now};
  }
  order_.emplace_back(now, prefix);
  const auto too_much = [this] {
    return entries_.size() > kMaxPrefixes || kept_.size() > kMaxLayouts || bytes_ > maximum_bytes_;
  };
  while (!order_.empty() && too_much()) forget_front();
  if (order_.size() > 2 * entries_.size() + 64) drop_outdated();
}

LayoutId LayoutMemory::take(const hash::Prefix& prefix) {
  if (entries_.empty()) return kNoLayout;
  const auto found = entries_.find(prefix);
  if (found == entries_.end()) return kNoLayout;
  const LayoutId layout = found->second.layout;
  drop(layout);
  entries_.erase(found);
  return layout;
}

void LayoutMemory::clear() {
  for (const auto& [prefix, entry] : entries_) layouts_.remove_user(entry.layout);
  entries_.clear();
  kept_.clear();
  bytes_ = 0;
  order_.clear();
}

void LayoutMemory::expire(Time oldest) {
  while (!order_.empty() && order_.front().first < oldest) forget_front();
}

/// A prefix that comes and goes leaves outdated items behind; those of the others stay where they are.
void LayoutMemory::drop_outdated() {
  std::erase_if(order_, [this](const auto& item) {
    const auto found = entries_.find(item.second);
    return found == entries_.end() || found->second.since != item.first;
  });
}

void LayoutMemory::forget_front() {
  const auto [since, prefix] = order_.front();
  order_.pop_front();
  const auto found = entries_.find(prefix);
  if (found == entries_.end() || found->second.since != since) return;
  drop(found->second.layout);
  layouts_.remove_user(found->second.layout);
  entries_.erase(found);
}

}  // namespace ecmpd::control
