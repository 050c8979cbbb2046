// A bucket table: the array that a selector makes and a worker indexes by a packet's hash.
//
// bucket_index() is the function from a hash to a bucket, and BucketIndex the same, ready for one table: the laboratory
// calls the one, workers and explain the other. Values only; any thread.
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

/// Index into a table of `size` entries, at least 1.
inline uint32_t bucket_index(uint32_t hash, uint32_t size, Indexing indexing) {
  if (indexing == Indexing::kLowBits) return hash & (size - 1);
  if (indexing == Indexing::kModulo) return hash % size;
  return static_cast<uint32_t>((uint64_t{hash} * size) >> 32);
}

/// bucket_index() of one table, for many hashes: the modulo by two multiplications instead of a division, exact for
/// every hash and size (Lemire, Kaser, Kurz, "Faster remainder by direct computation", 2019): 3.3 cycles
/// instead of 5.0 for all of select with `maglev`, packets of 4,096 flows. All groups of services index alike, so that
/// the branches are nearly always predicted.
class BucketIndex {
 public:
  BucketIndex(uint32_t size, Indexing indexing)
      : size_(size), indexing_(indexing), fraction_(indexing == Indexing::kModulo ? UINT64_MAX / size + 1 : 0) {}
  uint32_t size() const { return size_; }
  Indexing indexing() const { return indexing_; }
  uint32_t operator()(uint32_t hash) const {
    if (indexing_ != Indexing::kModulo) [[likely]]
      return bucket_index(hash, size_, indexing_);
    __extension__ using Wide = unsigned __int128;
    return static_cast<uint32_t>((Wide{fraction_ * hash} * size_) >> 64);
  }

 private:
  uint32_t size_;
  Indexing indexing_;
  uint64_t fraction_;  // 2^64 / size, rounded up; of size 1 it is 0, and so is the remainder
};

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
