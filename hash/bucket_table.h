// A bucket table: the array that a selector makes and a worker indexes by a packet's hash.
//
// bucket_index() is the one function from a hash to a bucket: workers, explain and the laboratory all call it. Values
// only; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ecmpd::hash {

/// How a 32-bit hash becomes an index.
enum class Indexing : uint8_t {
  kLowBits,  // hash & (size - 1); size is a power of two
  kModulo,   // hash % size
  kRange,    // hash * size / 2^32: the hash space cut into `size` equal regions, in order (RFC 2992)
};

/// "low-bits", "modulo" or "range".
std::string_view to_string(Indexing indexing);

/// Index into a table of `size` entries, at least 1. All groups of a router index alike, so that the branches are
/// always predicted.
inline uint32_t bucket_index(uint32_t hash, uint32_t size, Indexing indexing) {
  if (indexing == Indexing::kLowBits) return hash & (size - 1);
  if (indexing == Indexing::kModulo) return hash % size;
  return static_cast<uint32_t>((uint64_t{hash} * size) >> 32);
}

struct BucketTable {
  std::vector<uint16_t> owners;  // by bucket: an index of a member; empty when nobody is live
  Indexing indexing = Indexing::kLowBits;
  bool operator==(const BucketTable&) const = default;

  /// How many buckets each of `members` owns.
  std::vector<uint32_t> entries(size_t members) const;
  /// Owner of a hash; the table is not empty.
  uint16_t owner(uint32_t hash) const {
    return owners[bucket_index(hash, static_cast<uint32_t>(owners.size()), indexing)];
  }
};

}  // namespace ecmpd::hash
