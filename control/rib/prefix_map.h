// PrefixMap: a compact hash map from prefixes to entries that the RIB and the route installer build on.
//
// An entry is found by its prefix or by a small dense Id, which stays its own until erase(). Entries lie in chunks that
// never move (no copy of a million routes when one more arrives); the index is 4 bytes a slot with linear probing, at
// most 70 % full. So a route costs sizeof(Entry) and about 8 bytes. Control thread; not synchronised.
#pragma once

#include <cassert>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "hash/address.h"

namespace ecmpd::control {

/// `Entry` is default constructible and has a member `hash::Prefix prefix`, which belongs to the map.
template <typename Entry>
class PrefixMap {
 public:
  using Id = uint32_t;
  static constexpr Id kNone = UINT32_MAX;

  Id find(const hash::Prefix& prefix) const {
    if (slots_.empty()) return kNone;
    return slots_[slot_of(prefix)];
  }

  /// The entry's id, and true if it is new.
  std::pair<Id, bool> insert(const hash::Prefix& prefix) {
    if ((size_ + 1) * 10 > slots_.size() * 7) grow();
    Id& slot = slots_[slot_of(prefix)];
    if (slot != kNone) return {slot, false};
    slot = allocate();
    (*this)[slot].prefix = prefix;
    ++size_;
    return {slot, true};
  }

  void erase(Id id) {
    size_t hole = slot_of((*this)[id].prefix);
    assert(slots_[hole] == id);
    // Linear probing without tombstones: what was pushed past the hole moves back into it.
    for (size_t next = (hole + 1) & mask(); slots_[next] != kNone; next = (next + 1) & mask()) {
      const size_t home = home_of((*this)[slots_[next]].prefix);
      if (((next - home) & mask()) >= ((next - hole) & mask())) {
        slots_[hole] = slots_[next];
        hole = next;
      }
    }
    slots_[hole] = kNone;
    (*this)[id] = Entry{};
    free_.push_back(id);
    --size_;
  }

  Entry& operator[](Id id) { return chunks_[id / kChunk][id % kChunk]; }
  const Entry& operator[](Id id) const { return chunks_[id / kChunk][id % kChunk]; }
  size_t size() const { return size_; }

  /// Calls visit(id, entry) for each entry, in no particular order; the map must not change meanwhile.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (Id id : slots_) {
      if (id != kNone) visit(id, (*this)[id]);
    }
  }

  /// Bytes held, entries' own allocations aside.
  size_t memory_bytes() const {
    return slots_.capacity() * sizeof(Id) + chunks_.size() * kChunk * sizeof(Entry) + free_.capacity() * sizeof(Id);
  }

 private:
  static constexpr Id kChunk = 1024;

  size_t mask() const { return slots_.size() - 1; }
  size_t home_of(const hash::Prefix& prefix) const { return std::hash<hash::Prefix>{}(prefix)&mask(); }

  /// The slot that holds `prefix`, or the empty one where it would go.
  size_t slot_of(const hash::Prefix& prefix) const {
    size_t slot = home_of(prefix);
    while (slots_[slot] != kNone && (*this)[slots_[slot]].prefix != prefix) slot = (slot + 1) & mask();
    return slot;
  }

  void grow() {
    std::vector<Id> old(slots_.empty() ? 64 : slots_.size() * 2, kNone);
    old.swap(slots_);
    for (Id id : old) {
      if (id != kNone) slots_[slot_of((*this)[id].prefix)] = id;
    }
  }

  Id allocate() {
    if (!free_.empty()) {
      const Id id = free_.back();
      free_.pop_back();
      return id;
    }
    if (next_ == chunks_.size() * kChunk) chunks_.push_back(std::make_unique<Entry[]>(kChunk));
    return next_++;
  }

  std::vector<Id> slots_;  // a power of two
  std::vector<std::unique_ptr<Entry[]>> chunks_;
  std::vector<Id> free_;
  Id next_ = 0;
  size_t size_ = 0;
};

}  // namespace ecmpd::control
