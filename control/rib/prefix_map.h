// PrefixMap: a compact hash map from prefixes to entries, which the RIB builds on.
//
// An entry is found by its prefix or by a small dense Id, which stays its own until erase(). Entries never move; the
// index is 4 bytes a slot with linear probing, at most half full (with 70 % learning a route took 1.3 times as long).
// So a route costs sizeof(Entry) and 8 to 16 bytes. Routes come in runs (the host routes of a pool, consecutive /24s):
// eight neighbors are at home side by side, in one cache line of the index, not in eight. What of a slot is not needed
// for the Id holds some of the hash and the distance from home: a probe looks at no entry but (mostly) the right one,
// erase() at no other, and growing at hardly any. Control thread; not synchronised.
#pragma once

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstdint>
#include <utility>
#include <vector>

#include "control/rib/chunks.h"
#include "control/rib/prefix_run.h"
#include "hash/address.h"

namespace ecmpd::control {

/// How far ahead loops over many prefixes prefetch.
inline constexpr size_t kPrefetchAhead = 8;

/// `Entry` is default constructible and has a member `hash::Prefix prefix`, which belongs to the map. The other
/// arguments: the most bits of a slot that hold a distance, or some of the hash.
template <typename Entry, unsigned kDistanceBits = 5, unsigned kHashBits = 32>
class PrefixMap {
 public:
  using Id = uint32_t;
  static constexpr Id kNone = UINT32_MAX;

  Id find(const hash::Prefix& prefix) const {
    if (slots_.empty()) return kNone;
    const Id slot = slots_[position_of(prefix, number_of(prefix))];
    return slot == kNone ? kNone : slot & layout_.mask();
  }

  /// The entry's id, and true if it is new.
  std::pair<Id, bool> insert(const hash::Prefix& prefix) {
    if ((size_ + 1) * 2 > slots_.size()) grow();
    const uint32_t number = number_of(prefix);
    const Id at = position_of(prefix, number);
    if (slots_[at] != kNone) return {slots_[at] & layout_.mask(), false};
    const Id id = allocate();
    slots_[at] = layout_.slot(id, number, at - number);
    (*this)[id].prefix = prefix;
    ++size_;
    ipv6_size_ += prefix.family() == hash::Family::kIpv6;
    return {id, true};
  }

  void erase(Id id) {
    const hash::Prefix& prefix = (*this)[id].prefix;
    ipv6_size_ -= prefix.family() == hash::Family::kIpv6;
    const Id mask = layout_.mask();
    Id hole = position_of(prefix, number_of(prefix));
    assert((slots_[hole] & mask) == id);
    // Linear probing without tombstones: what was pushed past the hole moves back into it.
    for (Id at = (hole + 1) & mask; slots_[at] != kNone; at = (at + 1) & mask) {
      const Id gap = (at - hole) & mask;
      const Id distance = distance_of(slots_[at], at, layout_);
      if (distance < gap) continue;
      slots_[hole] = layout_.with_distance(slots_[at], distance - gap);
      hole = at;
    }
    slots_[hole] = kNone;
    (*this)[id] = Entry{};
    free_.push_back(id);
    --size_;
  }

  /// Before find() or insert() of the prefix some steps later: a table of a million routes lies in no cache.
  void prefetch(const hash::Prefix& prefix) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[number_of(prefix) & layout_.mask()]);
  }
  void prefetch(Id id) const { entries_.prefetch(id); }

  Entry& operator[](Id id) { return entries_[id]; }
  const Entry& operator[](Id id) const { return entries_[id]; }
  size_t size() const { return size_; }
  /// Of these, IPv6 prefixes.
  size_t ipv6_size() const { return ipv6_size_; }

  /// Calls visit(id, entry) for each entry, in no particular order; the map must not change meanwhile.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (Id slot : slots_) {
      if (slot != kNone) visit(slot & layout_.mask(), (*this)[slot & layout_.mask()]);
    }
  }

  /// Bytes held, entries' own allocations aside.
  size_t memory_bytes() const {
    return slots_.capacity() * sizeof(Id) + entries_.memory_bytes() + free_.capacity() * sizeof(Id);
  }

 private:
  /// What the bits of a slot are, from the lowest: the Id; the distance from home (the largest number: that or more);
  /// those bits of the prefix's number that are above the ones that say where its home is.
  struct Layout {
    explicit Layout(unsigned bits)
        : id_bits(bits),
          distance_bits(std::min(kDistanceBits, 32 - bits)),
          hash_bits(std::min(kHashBits, 32 - bits - distance_bits)) {}
    Id mask() const { return (Id{1} << id_bits) - 1; }
    Id distances() const { return (Id{1} << distance_bits) - 1; }
    Id tag(uint32_t number, Id distance) const {
      const Id hash = (number >> id_bits) & ((uint64_t{1} << hash_bits) - 1);
      return hash << distance_bits | std::min(distance & mask(), distances());
    }
    Id slot(Id id, uint32_t number, Id distance) const {
      return static_cast<Id>(uint64_t{tag(number, distance)} << id_bits) | id;
    }
    Id with_distance(Id slot, Id distance) const {
      return (slot & ~(distances() << id_bits)) | std::min(distance, distances()) << id_bits;
    }

    unsigned id_bits;
    unsigned distance_bits;
    unsigned hash_bits;
  };

  /// Its lower bits say where the prefix is at home.
  static uint32_t number_of(const hash::Prefix& prefix) {
    const PrefixRun run(prefix);
    return static_cast<uint32_t>(run.hash + run.place);
  }
  /// Of the slot that holds `prefix`, or of the empty one where it would go.
  Id position_of(const hash::Prefix& prefix, uint32_t number) const {
    const Id mask = layout_.mask();
    for (Id distance = 0;; ++distance) {
      const Id at = (number + distance) & mask;
      const Id slot = slots_[at];
      if (slot == kNone) return at;
      if (slot >> layout_.id_bits == layout_.tag(number, distance) && (*this)[slot & mask].prefix == prefix) return at;
    }
  }
  Id distance_of(Id slot, Id at, const Layout& layout) const {
    const Id distance = slot >> layout.id_bits & layout.distances();
    return distance < layout.distances() ? distance
                                         : (at - number_of((*this)[slot & layout.mask()].prefix)) & layout.mask();
  }

  /// In the order of the slots, which is the order of the new ones, twice: each cache line is written once.
  void grow() {
    const std::vector<Id> old = std::exchange(slots_, std::vector<Id>(slots_.empty() ? 64 : slots_.size() * 2, kNone));
    const Layout before = layout_;
    layout_ = Layout(static_cast<unsigned>(std::countr_zero(slots_.size())));
    const bool known = before.id_bits + before.hash_bits >= layout_.id_bits + layout_.hash_bits;
    for (Id at = 0; at < old.size(); ++at) {
      if (old[at] == kNone) continue;
      const Id id = old[at] & before.mask();
      uint32_t number;
      if (known) {
        const Id home = (at - distance_of(old[at], at, before)) & before.mask();
        number = static_cast<uint32_t>(old[at] >> (before.id_bits + before.distance_bits)) << before.id_bits | home;
      } else {
        number = number_of((*this)[id].prefix);
      }
      Id distance = 0;
      while (slots_[(number + distance) & layout_.mask()] != kNone) ++distance;
      slots_[(number + distance) & layout_.mask()] = layout_.slot(id, number, distance);
    }
  }

  Id allocate() {
    if (!free_.empty()) {
      const Id id = free_.back();
      free_.pop_back();
      return id;
    }
    entries_.reach(next_);
    return next_++;
  }

  std::vector<Id> slots_;  // a power of two
  Layout layout_{0};       // of these
  Chunks<Entry> entries_;
  std::vector<Id> free_;
  Id next_ = 0;
  size_t size_ = 0;
  size_t ipv6_size_ = 0;
};

}  // namespace ecmpd::control
