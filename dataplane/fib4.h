// The IPv4 FIB: DIR-24-8, longest prefix match in one or two loads.
//
// tbl24 has an entry for every /24. Where one longer prefix exists it points to a leaf, which has that prefix and the
// group of the addresses around it; where more exist, to a tbl8 of 256 entries. Many readers (workers) look up while
// one writer (control thread) changes prefixes in place by aligned 32-bit stores: a lookup sees the old or the new
// result, never a third. A leaf or tbl8 that is unlinked is neither changed nor reused before a grace period has
// passed. Memory: 64 MiB for tbl24, 16 bytes for each leaf, 1 KiB for each tbl8 in use (at most `tbl8_limit`, and 16
// leaves for each; reserved as address space and touched on demand), and the writer's own record of prefixes: 16 MiB
// for tbl24, 258 bytes for each tbl8, 16 to 32 for each prefix that is not a /32. Without leaves a million sparse /32s
// took 1.3 GB of tbl8s, and seconds to get them from the kernel: figures in docs/benchmarks.md.
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
  static constexpr uint32_t kLeavesPerTbl8 = 16;  // a quarter of a tbl8's memory

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
  /// Takes the memory for this many tbl8s and their leaves (and for tbl24) from the kernel now rather than page by page
  /// as routes arrive: a page fault costs more than a route, most of all in a virtual machine whose host has to find
  /// the memory.
  void reserve(uint32_t tbl8s);
  /// Adds or replaces. kFull changes nothing; while reclaim() is not 0 a later try may succeed.
  /// Whoever sees the group in a lookup also sees what the caller wrote before set().
  [[nodiscard]] FibResult set(const hash::Prefix& prefix, GroupId group);
  /// False if the prefix was not there.
  bool remove(const hash::Prefix& prefix);
  /// The group of exactly this prefix.
  std::optional<GroupId> find(const hash::Prefix& prefix) const;
  /// Puts leaves and tbl8s whose grace period has passed back on the free lists; returns how many still wait. set() and
  /// remove() do it too when they need one.
  size_t reclaim();
  size_t size() const;
  /// Linked ones: a leaf for each /24 that holds one longer prefix, a tbl8 for each that holds more. Those that wait
  /// for a grace period are not counted.
  uint32_t leaves_in_use() const;
  uint32_t tbl8_in_use() const;

 private:
  class Writer;

  // A tbl24 entry is a GroupId or a link: kLink, kLeaf or not, and the index of the leaf or tbl8.
  static constexpr uint32_t kLink = 1u << 31;
  static constexpr uint32_t kLeaf = 1u << 30;
  static constexpr uint32_t kIndexMask = kLeaf - 1;
  static constexpr size_t kTbl8Size = 256;

  /// 16 bytes, so that it lies in one cache line.
  struct alignas(16) Leaf {
    uint32_t address;    // the prefix's,
    uint32_t mask;       // in these bits; both never change while a reader can see the leaf
    uint32_t groups[2];  // of the other addresses of the /24, of the prefix
  };

  static uint32_t load(const uint32_t* entry) { return __atomic_load_n(entry, __ATOMIC_ACQUIRE); }

  std::unique_ptr<Writer> writer_;
  const uint32_t* tbl24_;
  const uint32_t* tbl8_;
  const Leaf* leaves_;
};

// The processor guesses wrong between leaf and tbl8 where /24s with one and with two hosts mix: 15 cycles against 7
// when both addresses are computed and one is chosen, at 1,000 hosts. But that takes 5.5 cycles against 2.6 where all
// are tbl8s, the usual case, and twice as many as this with 500,000 hosts (bench/fib_bench, services).
inline GroupId Fib4::lookup(uint32_t address) const {
  const uint32_t entry = load(&tbl24_[address >> 8]);
  if (!(entry & kLink)) return GroupId{entry};
  const size_t index = entry & kIndexMask;
  if (!(entry & kLeaf)) return GroupId{load(&tbl8_[index * kTbl8Size + (address & 0xff)])};
  const Leaf& leaf = leaves_[index];
  return GroupId{load(&leaf.groups[(address & leaf.mask) == leaf.address])};
}

// The lookups do not depend on each other, so the core overlaps their loads by itself. Passes that prefetch first were
// slower in bench/fib_bench: 4 against 8 cycles at 1,000 routes, 17 against 22 at 500,000. AVX-512 gathers made no
// difference to the whole worker, with 1 or 65,000 prefixes. Beginning the loads of tbl24 in parse moved 9 of the 11
// cycles of lookup at 65,000 prefixes into parse: ratio to io 0.526 with it, 0.523 without, no more than runs scatter.
inline void Fib4::lookup_bulk(const uint32_t* addresses, GroupId* results, unsigned count) const {
  for (unsigned i = 0; i < count; ++i) results[i] = lookup(addresses[i]);
}

}  // namespace ecmpd::dataplane
