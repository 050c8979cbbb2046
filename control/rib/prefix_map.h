// PrefixMap: a compact hash map from prefixes to entries that the RIB and the route installer build on.
//
// An entry is found by its prefix or by a small dense Id, which stays its own until erase(). Entries lie in chunks that
// never move (no copy of a million routes when one more arrives); the index is 4 bytes a slot with linear probing, at
// most 70 % full. So a route costs sizeof(Entry) and about 8 bytes. With 2^s slots an Id has s bits at most, and the
// other bits of its slot are some of the hash: a probe looks at no entry but (mostly) the right one, which is a cache
// miss each in a large table. Control thread; not synchronised.
#pragma once

#include <cassert>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "hash/address.h"

namespace ecmpd::control {

/// How far ahead loops over many prefixes prefetch.
inline constexpr size_t kPrefetchAhead = 8;

/// `Entry` is default constructible and has a member `hash::Prefix prefix`, which belongs to the map.
template <typename Entry>
class PrefixMap {
 public:
  using Id = uint32_t;
  static constexpr Id kNone = UINT32_MAX;

  Id find(const hash::Prefix& prefix) const {
    if (slots_.empty()) return kNone;
    const Id slot = slots_[slot_of(prefix)];
    return slot == kNone ? kNone : slot & mask();
  }

  /// The entry's id, and true if it is new.
  std::pair<Id, bool> insert(const hash::Prefix& prefix) {
    if ((size_ + 1) * 10 > slots_.size() * 7) grow();
    Id& slot = slots_[slot_of(prefix)];
    if (slot != kNone) return {slot & mask(), false};
    const Id id = allocate();
    slot = tag_of(prefix.hash()) | id;
    (*this)[id].prefix = prefix;
    ++size_;
    return {id, true};
  }

  void erase(Id id) {
    Id hole = slot_of((*this)[id].prefix);
    assert((slots_[hole] & mask()) == id);
    // Linear probing without tombstones: what was pushed past the hole moves back into it.
    for (Id next = (hole + 1) & mask(); slots_[next] != kNone; next = (next + 1) & mask()) {
      const Id home = home_of((*this)[slots_[next] & mask()].prefix.hash());
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

  /// Before find() or insert() of the prefix some steps later: a table of a million routes lies in no cache.
  void prefetch(const hash::Prefix& prefix) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[home_of(prefix.hash())]);
  }
  void prefetch(Id id) const { __builtin_prefetch(&(*this)[id], 1); }

  Entry& operator[](Id id) { return chunks_[id / kChunk][id % kChunk]; }
  const Entry& operator[](Id id) const { return chunks_[id / kChunk][id % kChunk]; }
  size_t size() const { return size_; }

  /// Calls visit(id, entry) for each entry, in no particular order; the map must not change meanwhile.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (Id slot : slots_) {
      if (slot != kNone) visit(slot & mask(), (*this)[slot & mask()]);
    }
  }

  /// Bytes held, entries' own allocations aside.
  size_t memory_bytes() const {
    return slots_.capacity() * sizeof(Id) + chunks_.size() * kChunk * sizeof(Entry) + free_.capacity() * sizeof(Id);
  }

 private:
  static constexpr Id kChunk = 1024;

  Id mask() const { return static_cast<Id>(slots_.size() - 1); }
  Id home_of(uint64_t hash) const { return static_cast<Id>(hash) & mask(); }
  /// In the bits that an Id does not have.
  Id tag_of(uint64_t hash) const { return static_cast<Id>(hash >> 32) & ~mask(); }

  /// The slot that holds `prefix`, or the empty one where it would go.
  Id slot_of(const hash::Prefix& prefix) const {
    const uint64_t hash = prefix.hash();
    const Id tag = tag_of(hash);
    Id at = home_of(hash);
    for (; slots_[at] != kNone; at = (at + 1) & mask()) {
      if ((slots_[at] & ~mask()) == tag && (*this)[slots_[at] & mask()].prefix == prefix) break;
    }
    return at;
  }

  /// In the order of the entries, not of the slots: those are read one behind the other.
  void grow() {
    slots_.assign(slots_.empty() ? 64 : slots_.size() * 2, kNone);
    std::vector<bool> used(next_, true);
    for (Id id : free_) used[id] = false;
    for (Id id = 0; id < next_; ++id) {
      if (!used[id]) continue;
      const uint64_t hash = (*this)[id].prefix.hash();
      Id at = home_of(hash);
      while (slots_[at] != kNone) at = (at + 1) & mask();
      slots_[at] = tag_of(hash) | id;
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
