// PrefixMap: a compact hash map from prefixes to entries that the RIB and the route installer build on.
//
// An entry is found by its prefix or by a small dense Id, which stays its own until erase(). Entries lie in chunks that
// never move (no copy of a million routes when one more arrives); the index is 4 bytes a slot with linear probing, at
// most 70 % full. So a route costs sizeof(Entry) and about 8 bytes. Routes come in runs (the host routes of a pool,
// consecutive /24s): eight neighbors are at home side by side, in one cache line of the index, not in eight. With 2^s
// slots an Id has s bits at most, and the other bits of its slot hold some of the hash and how far it is from its home:
// so a probe looks at no entry but (mostly) the right one, and erase() at no other. Control thread; not synchronised.
#pragma once

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "control/rib/prefix_run.h"
#include "hash/address.h"

namespace ecmpd::control {

/// How far ahead loops over many prefixes prefetch.
inline constexpr size_t kPrefetchAhead = 8;

/// `Entry` is default constructible and has a member `hash::Prefix prefix`, which belongs to the map. `kTagBits`: how
/// many bits of a slot may hold something else than the Id, where there is room.
template <typename Entry, unsigned kTagBits = 32>
class PrefixMap {
 public:
  using Id = uint32_t;
  static constexpr Id kNone = UINT32_MAX;

  Id find(const hash::Prefix& prefix) const {
    if (slots_.empty()) return kNone;
    const Id slot = slots_[slot_of(prefix, PrefixRun(prefix))];
    return slot == kNone ? kNone : slot & mask();
  }

  /// The entry's id, and true if it is new.
  std::pair<Id, bool> insert(const hash::Prefix& prefix) {
    if ((size_ + 1) * 10 > slots_.size() * 7) grow();
    const PrefixRun run(prefix);
    const Id at = slot_of(prefix, run);
    if (slots_[at] != kNone) return {slots_[at] & mask(), false};
    const Id id = allocate();
    slots_[at] = tag_of(run, (at - home_of(run)) & mask()) << id_bits() | id;
    (*this)[id].prefix = prefix;
    ++size_;
    return {id, true};
  }

  void erase(Id id) {
    const hash::Prefix& prefix = (*this)[id].prefix;
    Id hole = slot_of(prefix, PrefixRun(prefix));
    assert((slots_[hole] & mask()) == id);
    // Linear probing without tombstones: what was pushed past the hole moves back into it.
    for (Id at = (hole + 1) & mask(); slots_[at] != kNone; at = (at + 1) & mask()) {
      const Id gap = (at - hole) & mask();
      const Id distance = distance_of(slots_[at], at);
      if (distance < gap) continue;
      slots_[hole] = with_distance(slots_[at], distance - gap);
      hole = at;
    }
    slots_[hole] = kNone;
    (*this)[id] = Entry{};
    free_.push_back(id);
    --size_;
  }

  /// Before find() or insert() of the prefix some steps later: a table of a million routes lies in no cache.
  void prefetch(const hash::Prefix& prefix) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[home_of(PrefixRun(prefix))]);
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
  static constexpr size_t kChunk = 1024;

  Id mask() const { return static_cast<Id>(slots_.size() - 1); }
  Id home_of(const PrefixRun& run) const { return static_cast<Id>(run.hash + run.place) & mask(); }

  // A slot: the Id, then the distance from home (the largest number: that or more), then bits of the hash.
  unsigned id_bits() const { return static_cast<unsigned>(std::popcount(mask())); }
  unsigned tag_bits() const { return std::min(kTagBits, 32 - id_bits()); }
  Id distances() const { return (Id{1} << tag_bits() / 2) - 1; }
  Id tag_of(const PrefixRun& run, Id distance) const {
    const Id hashes = (Id{1} << (tag_bits() - tag_bits() / 2)) - 1;
    const Id hash = static_cast<Id>(run.hash >> 32 ^ run.place) & hashes;
    return hash << tag_bits() / 2 | std::min(distance, distances());
  }
  Id distance_of(Id slot, Id at) const {
    const Id distance = slot >> id_bits() & distances();
    if (distance < distances()) return distance;
    return (at - home_of(PrefixRun((*this)[slot & mask()].prefix))) & mask();
  }
  Id with_distance(Id slot, Id distance) const {
    return (slot & ~(distances() << id_bits())) | std::min(distance, distances()) << id_bits();
  }

  /// The slot that holds `prefix`, or the empty one where it would go.
  Id slot_of(const hash::Prefix& prefix, const PrefixRun& run) const {
    const Id home = home_of(run);
    for (Id distance = 0;; ++distance) {
      const Id at = (home + distance) & mask();
      const Id slot = slots_[at];
      if (slot == kNone) return at;
      if (slot >> id_bits() == tag_of(run, distance) && (*this)[slot & mask()].prefix == prefix) return at;
    }
  }

  /// In the order of the entries, not of the slots: those are read one behind the other.
  void grow() {
    slots_.assign(slots_.empty() ? 64 : slots_.size() * 2, kNone);
    std::vector<bool> used(next_, true);
    for (Id id : free_) used[id] = false;
    for (Id id = 0; id < next_; ++id) {
      if (!used[id]) continue;
      const PrefixRun run((*this)[id].prefix);
      Id distance = 0;
      while (slots_[(home_of(run) + distance) & mask()] != kNone) ++distance;
      slots_[(home_of(run) + distance) & mask()] = tag_of(run, distance) << id_bits() | id;
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
