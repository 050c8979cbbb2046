// The IPv6 FIB: a trie that takes 16 bits at its root and 8 bits at each node, with the nodes that would have a single
// way on left out.
//
// A node has an entry for every value of one byte of the address. A link that leads past left-out levels ("skips") is
// checked against the node's own prefix, so a host route costs as many steps as there are places where prefixes fork on
// the way, not 14. Many readers (workers) look up while one writer (control thread) changes prefixes in place by
// aligned 32-bit stores: a lookup sees the old or the new result, never a third. A node that is unlinked is neither
// changed nor reused before a grace period has passed.
// Memory: 320 KiB for the root, 1.3 KiB for each node in use (at most two for each prefix longer than /16, and at most
// `node_limit`, reserved as address space and touched on demand), and the writer's record: 32 to 64 bytes a prefix.
#pragma once

#include <emmintrin.h>

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
  /// Holds any 262,144 prefixes.
  static constexpr uint32_t kDefaultNodeLimit = 1u << 19;
  static constexpr uint32_t kMaxNodeLimit = 1u << 26;

  /// `grace` must outlive the FIB. Throws std::bad_alloc if the address space cannot be reserved.
  explicit Fib6(GracePeriod& grace, uint32_t node_limit = kDefaultNodeLimit);
  ~Fib6();
  Fib6(const Fib6&) = delete;
  Fib6& operator=(const Fib6&) = delete;

  // Readers: any worker between two quiescent states. An address is 16 bytes in network byte order, as it lies in the
  // packet; it need not be aligned.
  GroupId lookup(const uint8_t* address) const;
  /// The same for a burst: the loads of all addresses are in flight together.
  void lookup_bulk(const uint8_t* const* addresses, GroupId* results, unsigned count) const;

  // Writer: control thread only. Prefixes are IPv6.
  /// Takes the memory for this many nodes from the kernel now rather than page by page as routes arrive.
  void reserve(uint32_t nodes);
  /// Adds or replaces. kFull changes nothing; while reclaim() is not 0 a later try may succeed.
  /// Whoever sees the group in a lookup also sees what the caller wrote before set().
  [[nodiscard]] FibResult set(const hash::Prefix& prefix, GroupId group);
  /// False if the prefix was not there.
  bool remove(const hash::Prefix& prefix);
  /// The group of exactly this prefix.
  std::optional<GroupId> find(const hash::Prefix& prefix) const;
  /// Puts nodes whose grace period has passed back on the free list; returns how many still wait. set() and remove() do
  /// it too when they need a node.
  size_t reclaim();
  size_t size() const;
  /// Linked nodes. Those that wait for a grace period are not counted.
  uint32_t nodes_in_use() const;

 private:
  class Writer;

  // An entry is a GroupId or a link: kLink, kSkips, the byte of the address that the node decides by, the node.
  static constexpr uint32_t kLink = 1u << 31;
  static constexpr uint32_t kSkips = 1u << 30;
  static constexpr unsigned kByteShift = 26;
  static constexpr uint32_t kNodeMask = (1u << kByteShift) - 1;
  static constexpr size_t kNodeSize = 256;

  struct Node {
    uint8_t prefix[16];  // what all addresses below share; zero from `byte` on
    uint32_t inherited;  // the group where nothing in or below the node matches
    uint16_t prefixes;   // the writer's counts: prefixes that end here,
    uint16_t children;   // and entries that are links
    uint8_t byte;        // of the address, by which it decides
  };

  static uint32_t load(const uint32_t* entry) { return __atomic_load_n(entry, __ATOMIC_ACQUIRE); }
  static unsigned byte_of(uint32_t link) { return (link >> kByteShift) & 15; }
  static bool matches(const Node& node, const uint8_t* address, unsigned bytes);

  std::unique_ptr<Writer> writer_;
  const uint32_t* root_;
  const uint32_t* entries_;
  const Node* nodes_;
};

inline bool Fib6::matches(const Node& node, const uint8_t* address, unsigned bytes) {
  const __m128i* const prefix = reinterpret_cast<const __m128i*>(node.prefix);
  const __m128i equal = _mm_cmpeq_epi8(_mm_loadu_si128(prefix), _mm_loadu_si128((const __m128i*)address));
  return (~static_cast<unsigned>(_mm_movemask_epi8(equal)) & ((1u << bytes) - 1)) == 0;
}

inline GroupId Fib6::lookup(const uint8_t* address) const {
  uint32_t entry = load(&root_[unsigned{address[0]} << 8 | address[1]]);
  while (entry & kLink) {
    const uint32_t node = entry & kNodeMask;
    const unsigned byte = byte_of(entry);
    if ((entry & kSkips) && !matches(nodes_[node], address, byte)) return GroupId{load(&nodes_[node].inherited)};
    entry = load(&entries_[size_t{node} * kNodeSize + address[byte]]);
  }
  return GroupId{entry};
}

inline void Fib6::lookup_bulk(const uint8_t* const* addresses, GroupId* results, unsigned count) const {
  for (unsigned i = 0; i < count; ++i) results[i] = lookup(addresses[i]);
}

}  // namespace ecmpd::dataplane
