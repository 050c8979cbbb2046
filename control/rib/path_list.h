// PathList: the paths of one prefix, in 8 bytes when there is one.
//
// Sorted by peer; a peer has one path, or several with path identifiers, in the order in which they came. Found by
// binary search, so that a thousand peers with the same prefix cost no more than the logarithm. One path lies in the
// list itself; more are in an array whose capacity is the power of two above their number. Count and storage are kept
// apart by the owner (see RibEntry), which packs the count among other bits: every call takes it. Control thread.
#pragma once

#include <cstdint>
#include <span>

namespace ecmpd::control {

/// One path of Adj-RIB-In: which peer, what it came with, and what the import policy makes of it.
struct Path {
  uint32_t value = 0;  // of PathValues
  uint16_t peer = 0;
  uint16_t result : 15 = 0;  // of ImportResults
  uint16_t stale : 1 = 0;    // its session ended; kept until it comes again (RFC 4724)
  bool operator==(const Path&) const = default;
};
static_assert(sizeof(Path) == 8);

class PathList {
 public:
  PathList() = default;
  // An entry is moved or cleared only when it holds no array: the owner erases all paths first.
  PathList(const PathList&) = delete;
  PathList& operator=(const PathList&) = delete;
  PathList(PathList&&) = default;
  PathList& operator=(PathList&&) = default;

  std::span<const Path> view(unsigned count) const { return {count <= 1 ? &one_ : many_, count}; }

  /// The peer's paths.
  std::span<Path> find(unsigned count, uint16_t peer);
  /// Adds a path behind those that its peer has; the count grows by one.
  void insert(unsigned count, const Path& path);
  /// Removes one of those that find() returned; the count shrinks by one.
  void erase(unsigned count, Path* path);
  /// Frees everything; the count becomes 0.
  void clear(unsigned count);

 private:
  Path* data(unsigned count) { return count <= 1 ? &one_ : many_; }

  union {
    Path one_ = {};
    Path* many_;
  };
};

}  // namespace ecmpd::control
