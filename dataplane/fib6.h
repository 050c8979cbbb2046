// The IPv6 FIB: a trie that takes 16 bits at its root and 8 bits at each node, and has no node that decides nothing.
//
// A node has an entry for every value of one byte of the address. Levels at which all prefixes below go the same way
// are left out, and a prefix that is alone below an entry is a leaf; the link past what is left out ("skips") leads to
// a prefix that is compared with the address. So a host route costs as many steps as there are places where prefixes
// part on the way, not 14. Many readers (workers) look up while one writer (control thread) changes prefixes in place
// by aligned 32-bit stores: a lookup sees the old or the new result, never a third. A node or leaf that is unlinked is
// neither changed nor reused before a grace period has passed.
// Memory: 320 KiB for the root; 1,344 bytes for each node, of which there are fewer than prefixes longer than /16; 64
// bytes for each leaf, at most one for each of these prefixes; reserved for `capacity` of both as address space,
// touched on demand. And the writer's record: 32 to 64 bytes for each prefix. What it was chosen from, with figures:
// docs/benchmarks.md.
#pragma once

#include <smmintrin.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "dataplane/fib_result.h"
#include "dataplane/grace_period.h"
#include "dataplane/ids.h"
#include "hash/address.h"

namespace ecmpd::dataplane {

class Fib6 {
 public:
  /// How lookup_bulk() works; the results are the same.
  enum class Kernel : uint8_t { kScalar, kAvx512 };

  static constexpr uint32_t kDefaultCapacity = 1u << 19;
  static constexpr uint32_t kMaxCapacity = 1u << 22;

  /// Any `capacity` prefixes fit, if nothing waits for a grace period; most tables are far from using a node for each.
  /// `grace` must outlive the FIB. Throws std::bad_alloc if the address space cannot be reserved.
  /// A kernel above the process's SIMD level (hash/simd.h), or that ThreadSanitizer cannot watch, is replaced by
  /// kScalar.
  explicit Fib6(GracePeriod& grace, uint32_t capacity = kDefaultCapacity, Kernel kernel = Kernel::kAvx512);
  ~Fib6();
  Fib6(const Fib6&) = delete;
  Fib6& operator=(const Fib6&) = delete;

  // Readers: any worker between two quiescent states. An address is 16 bytes in network byte order, as it lies in the
  // packet; it need not be aligned.
  GroupId lookup(const uint8_t* address) const;
  /// The same for a burst: the loads of all addresses are in flight together.
  void lookup_bulk(const uint8_t* const* addresses, GroupId* results, unsigned count) const;

  Kernel kernel() const { return kernel_; }

  // Writer: control thread only. Prefixes are IPv6.
  /// Takes the memory for this many nodes and leaves from the kernel now rather than page by page as routes arrive.
  void reserve(uint32_t nodes);
  /// Adds or replaces. kFull changes nothing; while reclaim() is not 0 a later try may succeed.
  /// Whoever sees the group in a lookup also sees what the caller wrote before set().
  [[nodiscard]] FibResult set(const hash::Prefix& prefix, GroupId group);
  /// False if the prefix was not there.
  bool remove(const hash::Prefix& prefix);
  /// The group of exactly this prefix.
  std::optional<GroupId> find(const hash::Prefix& prefix) const;
  /// Puts nodes and leaves whose grace period has passed back on the free lists; returns how many still wait. set() and
  /// remove() do it too when they need one.
  size_t reclaim();
  size_t size() const;
  /// Linked ones. Those that wait for a grace period are not counted.
  uint32_t nodes_in_use() const;
  uint32_t leaves_in_use() const;

 private:
  class Writer;

  // An entry is a GroupId or a link: kLink, kSkips, the byte of the address that the node decides by (0: a leaf), and
  // the index of the node or leaf.
  static constexpr uint32_t kLink = 1u << 31;
  static constexpr uint32_t kSkips = 1u << 30;
  static constexpr unsigned kByteShift = 26;
  static constexpr uint32_t kByteMask = 15u << kByteShift;
  static constexpr uint32_t kIndexMask = (1u << kByteShift) - 1;
  static constexpr size_t kNodeSize = 256;

  struct alignas(64) Node {
    uint8_t prefix[16];  // what all addresses below share,
    uint8_t mask[16];    // in these bits
    uint32_t inherited;  // the group of other addresses, and of those that match nothing longer
    uint32_t group;      // of a leaf: its prefix's
    uint16_t prefixes;   // of a node, the writer's counts: prefixes that end here,
    uint16_t children;   // and entries that are links
    uint8_t bits;        // in the mask
  };

  static uint32_t load(const uint32_t* entry) { return __atomic_load_n(entry, __ATOMIC_ACQUIRE); }
  static bool matches(const Node& node, const uint8_t* address);
  void lookup_bulk_avx512(const uint8_t* const* addresses, GroupId* results, unsigned count) const;
  template <unsigned kGroups>
  void lookup_groups_avx512(const uint8_t* const* addresses, GroupId* results) const;

  std::unique_ptr<Writer> writer_;
  const uint32_t* root_;
  const uint32_t* entries_;
  const Node* nodes_;
  Kernel kernel_;
};

inline bool Fib6::matches(const Node& node, const uint8_t* address) {
  const auto at = [](const uint8_t* bytes) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes)); };
  return _mm_testz_si128(_mm_xor_si128(at(node.prefix), at(address)), at(node.mask));
}

inline GroupId Fib6::lookup(const uint8_t* address) const {
  uint32_t entry = load(&root_[unsigned{address[0]} << 8 | address[1]]);
  while (entry & kLink) {
    const uint32_t index = entry & kIndexMask;
    const unsigned byte = (entry & kByteMask) >> kByteShift;
    if (entry & kSkips) {
      const Node& node = nodes_[index];
      if (!matches(node, address)) return GroupId{load(&node.inherited)};
      if (byte == 0) return GroupId{load(&node.group)};
    }
    entry = load(&entries_[index * kNodeSize + address[byte]]);
  }
  return GroupId{entry};
}

inline void Fib6::lookup_bulk(const uint8_t* const* addresses, GroupId* results, unsigned count) const {
  if (kernel_ == Kernel::kAvx512) return lookup_bulk_avx512(addresses, results, count);
  for (unsigned i = 0; i < count; ++i) results[i] = lookup(addresses[i]);
}

}  // namespace ecmpd::dataplane
