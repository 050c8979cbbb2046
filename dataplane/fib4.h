// The IPv4 FIB: DIR-24-8, longest prefix match in one or two loads.
//
// tbl24 has an entry for every /24; where longer prefixes exist it points to a tbl8 of 256 entries. Many readers
// (workers) look up while one writer (control thread) changes prefixes in place by aligned 32-bit stores: a lookup sees
// the old or the new result, never a third. A tbl8 that is emptied is unlinked, and neither zeroed nor reused before a
// grace period has passed. Memory: 64 MiB for tbl24, 1 KiB for each tbl8 in use (at most `tbl8_limit`, reserved as
// address space and touched on demand), and the writer's own record of prefixes: 16 MiB for tbl24, 258 bytes for each
// tbl8, 16 for each prefix.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "dataplane/fib_result.h"
#include "dataplane/grace_period.h"
#include "dataplane/ids.h"
#include "hash/address.h"

namespace ecmpd::dataplane {

class Fib4 {
 public:
  static constexpr uint32_t kDefaultTbl8Limit = 1u << 18;
  static constexpr uint32_t kMaxTbl8Limit = 1u << 24;

  /// `grace` must outlive the FIB. Throws std::bad_alloc if the address space cannot be reserved.
  explicit Fib4(GracePeriod& grace, uint32_t tbl8_limit = kDefaultTbl8Limit);
  ~Fib4();
  Fib4(const Fib4&) = delete;
  Fib4& operator=(const Fib4&) = delete;

  // Readers: any worker between two quiescent states. Addresses in host byte order.
  GroupId lookup(uint32_t address) const;
  /// The same for a burst: the loads of all addresses are in flight together.
  void lookup_bulk(const uint32_t* addresses, GroupId* results, unsigned count) const;

  // Writer: control thread only. Prefixes are IPv4.
  /// Takes the memory for this many tbl8s (and for tbl24) from the kernel now rather than page by page as routes
  /// arrive: a page fault costs more than a route, most of all in a virtual machine whose host has to find the memory.
  void reserve(uint32_t tbl8s);
  /// Adds or replaces. kFull changes nothing; while reclaim() is not 0 a later try may succeed.
  /// Whoever sees the group in a lookup also sees what the caller wrote before set().
  [[nodiscard]] FibResult set(const hash::Prefix& prefix, GroupId group);
  /// False if the prefix was not there.
  bool remove(const hash::Prefix& prefix);
  /// The group of exactly this prefix.
  std::optional<GroupId> find(const hash::Prefix& prefix) const;
  /// Puts tbl8s whose grace period has passed back on the free list; returns how many still wait. set() does it too
  /// when it needs a tbl8.
  size_t reclaim();
  size_t size() const;
  /// Linked tbl8s: one for each /24 that holds a longer prefix. Those that wait for a grace period are not counted.
  uint32_t tbl8_in_use() const;

 private:
  class Writer;
  static constexpr uint32_t kExtended = 1u << 31;  // a tbl24 entry that holds a tbl8 index instead of a GroupId

  static uint32_t load(const uint32_t* entry) { return __atomic_load_n(entry, __ATOMIC_ACQUIRE); }

  std::unique_ptr<Writer> writer_;
  const uint32_t* tbl24_;
  const uint32_t* tbl8_;
};

inline GroupId Fib4::lookup(uint32_t address) const {
  uint32_t entry = load(&tbl24_[address >> 8]);
  if (entry & kExtended) entry = load(&tbl8_[(size_t{entry & ~kExtended} << 8) | (address & 0xff)]);
  return GroupId{entry};
}

// The lookups do not depend on each other, so the core overlaps their loads by itself. Passes that prefetch first were
// slower in bench/fib_bench: 4 against 8 cycles at 1,000 routes, 17 against 22 at 500,000.
inline void Fib4::lookup_bulk(const uint32_t* addresses, GroupId* results, unsigned count) const {
  for (unsigned i = 0; i < count; ++i) results[i] = lookup(addresses[i]);
}

}  // namespace ecmpd::dataplane
