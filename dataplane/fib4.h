// The IPv4 FIB: DIR-24-8, longest prefix match in one or two loads.
//
// tbl24 has an entry for every /24; where longer prefixes exist it points to a tbl8 of 256 entries. Many readers
// (workers) look up while one writer (control thread) changes prefixes in place by aligned 32-bit stores: a lookup sees
// the old or the new result, never a third. A tbl8 that is emptied is unlinked, and neither zeroed nor reused before a
// grace period has passed. Memory: 64 MiB for tbl24, 1 KiB for each tbl8 in use (at most `tbl8_limit`, reserved as
// address space and touched on demand), and the writer's own record of prefixes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "dataplane/grace_period.h"
#include "dataplane/ids.h"
#include "hash/address.h"

namespace ecmpd::dataplane {

enum class FibResult : uint8_t { kOk, kFull };

class Fib4 {
 public:
  static constexpr uint32_t kDefaultTbl8Limit = 1u << 18;

  Fib4(GracePeriod& grace, uint32_t tbl8_limit = kDefaultTbl8Limit);
  ~Fib4();
  Fib4(const Fib4&) = delete;
  Fib4& operator=(const Fib4&) = delete;

  // Readers: any worker between two quiescent states. Addresses in host byte order.
  GroupId lookup(uint32_t address) const;
  void lookup_bulk(const uint32_t* addresses, GroupId* results, unsigned count) const;

  // Writer: control thread only.
  /// Adds or replaces. kFull changes nothing.
  [[nodiscard]] FibResult set(const hash::Prefix& prefix, GroupId group);
  /// False if the prefix was not there.
  bool remove(const hash::Prefix& prefix);
  /// The group of exactly this prefix.
  std::optional<GroupId> find(const hash::Prefix& prefix) const;
  /// Puts tbl8s whose grace period has passed back on the free list. Called by set() too; returns how many still wait.
  unsigned reclaim();
  size_t size() const;
  uint32_t tbl8_in_use() const;

 private:
  class Writer;
  static constexpr uint32_t kExtended = 1u << 31;  // a tbl24 entry that holds a tbl8 index instead of a GroupId
  uint32_t* tbl24_ = nullptr;
  uint32_t* tbl8_ = nullptr;
  std::unique_ptr<Writer> writer_;
};

inline GroupId Fib4::lookup(uint32_t address) const {
  uint32_t entry = __atomic_load_n(&tbl24_[address >> 8], __ATOMIC_ACQUIRE);
  if (entry & kExtended) {
    entry = __atomic_load_n(&tbl8_[(size_t{entry & ~kExtended} << 8) | (address & 0xff)], __ATOMIC_RELAXED);
  }
  return GroupId{entry};
}

}  // namespace ecmpd::dataplane
