#include "hash/preference_lists.h"

#include <algorithm>
#include <cassert>

namespace ecmpd::hash {

void PreferenceLists::deepen() {
  std::vector<uint16_t> wider(lengths_.size() * (depth_ + 1));
  for (size_t bucket = 0; bucket < lengths_.size(); ++bucket) {
    std::copy_n(entries_.begin() + static_cast<ptrdiff_t>(bucket * depth_), lengths_[bucket],
                wider.begin() + static_cast<ptrdiff_t>(bucket * (depth_ + 1)));
  }
  entries_ = std::move(wider);
  ++depth_;
}

void PreferenceLists::insert(uint32_t bucket, unsigned position, uint16_t member) {
  assert(position <= lengths_[bucket]);
  if (position >= kMaxDepth) return;
  if (lengths_[bucket] == depth_ && depth_ < kMaxDepth) deepen();
  if (lengths_[bucket] < depth_) ++lengths_[bucket];
  uint16_t* list = entries_.data() + size_t{bucket} * depth_;
  std::copy_backward(list + position, list + lengths_[bucket] - 1, list + lengths_[bucket]);
  list[position] = member;
}

void PreferenceLists::erase(uint32_t bucket, unsigned position) {
  assert(position < lengths_[bucket]);
  uint16_t* list = entries_.data() + size_t{bucket} * depth_;
  std::copy(list + position + 1, list + lengths_[bucket], list + position);
  --lengths_[bucket];
}

void PreferenceLists::renumber(std::span<const uint16_t> renumber) {
  for (uint32_t bucket = 0; bucket < buckets(); ++bucket) {
    uint16_t* list = entries_.data() + size_t{bucket} * depth_;
    for (unsigned i = 0; i < lengths_[bucket]; ++i) list[i] = renumber[list[i]];
  }
}

void PreferenceLists::double_buckets() {
  const size_t lengths = lengths_.size(), entries = entries_.size();
  lengths_.resize(lengths * 2);
  entries_.resize(entries * 2);
  std::copy_n(lengths_.begin(), lengths, lengths_.begin() + static_cast<ptrdiff_t>(lengths));
  std::copy_n(entries_.begin(), entries, entries_.begin() + static_cast<ptrdiff_t>(entries));
}

}  // namespace ecmpd::hash
