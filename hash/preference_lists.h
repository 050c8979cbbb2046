// Storage of preference lists: for every bucket the first members of its list, most preferred first.
//
// Only the part of a list that was composed on purpose is stored, at most kMaxDepth members of it; behind it the list
// goes on in rendezvous order (hash/rendezvous.h). All lists share one array. Not for concurrent writers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ecmpd::hash {

class PreferenceLists {
 public:
  /// A list that would grow longer loses its last member to the computed part.
  static constexpr unsigned kMaxDepth = 32;

  /// A list is not shorter (unless it has all members), so that a newcomer finds classes to be balanced over.
  static constexpr unsigned kMinDepth = 3;

  explicit PreferenceLists(uint32_t buckets) : lengths_(buckets) {}

  uint32_t buckets() const { return static_cast<uint32_t>(lengths_.size()); }
  /// Of the longest list.
  unsigned depth() const { return depth_; }
  size_t memory_bytes() const { return entries_.capacity() * sizeof entries_[0] + lengths_.capacity(); }
  std::span<const uint16_t> operator[](uint32_t bucket) const {
    return {entries_.data() + size_t{bucket} * depth_, lengths_[bucket]};
  }

  /// Inserts `member` at `position`, at most the list's length.
  void insert(uint32_t bucket, unsigned position, uint16_t member);
  void append(uint32_t bucket, uint16_t member) { insert(bucket, lengths_[bucket], member); }
  void erase(uint32_t bucket, unsigned position);
  /// Every entry e becomes renumber[e].
  void renumber(std::span<const uint16_t> renumber);
  /// Copies the table onto its own end: buckets() doubles, and the buckets b and b + half have one list.
  void double_buckets();

 private:
  void deepen();

  unsigned depth_ = 0;
  std::vector<uint8_t> lengths_;   // by bucket
  std::vector<uint16_t> entries_;  // depth_ a bucket
};

}  // namespace ecmpd::hash
