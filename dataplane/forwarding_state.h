// Door 1: what workers read to forward a packet. Only the Publisher writes it.
//
// FIB -> group -> bucket -> adjacency. The families have a FIB each and share all the rest. Groups and the adjacency
// table are immutable once published and replaced by one pointer store; memory is freed after an RCU grace period. A
// worker loads the hash settings once a burst, and the adjacency table *after* the groups of the burst: the publisher
// stores the table before any group that names a new adjacency, so an index found in a bucket is always within the
// table.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "dataplane/drop_reason.h"
#include "dataplane/fib4.h"
#include "dataplane/fib6.h"
#include "dataplane/ids.h"
#include "dataplane/port_addresses.h"
#include "dataplane/priority_traffic.h"
#include "hash/bucket_table.h"
#include "hash/function.h"
#include "hash/key.h"

namespace ecmpd::dataplane {

/// What happens to a packet that reached its adjacency.
enum class AdjacencyKind : uint8_t {
  kForward,  // rewrite and send
  kLocal,    // for the router itself: punt
  kGlean,    // a host of a connected prefix without an entry yet: punt, so that control resolves it
  kDrop,     // count `reason`
};

struct alignas(32) Adjacency {
  std::array<uint8_t, 6> destination_mac{};
  std::array<uint8_t, 6> source_mac{};
  AdjacencyKind kind = AdjacencyKind::kDrop;
  DropReason reason = DropReason::kUnresolved;
  PortIndex port{0};
  uint16_t mtu = 1500;  // bytes of the IP packet
  // Filled by the Publisher, so that a worker has one comparison and no arithmetic.
  uint16_t counter = 0;        // index into WorkerCounters::adjacency
  uint32_t longest_frame = 0;  // Ethernet frame that may leave as it is; 0 when none may
};

/// Adjacencies that always exist, in this order.
inline constexpr AdjacencyId kNoRouteAdjacency{0};
inline constexpr AdjacencyId kUnresolvedAdjacency{1};
inline constexpr AdjacencyId kLocalAdjacency{2};

struct AdjacencyTable {
  std::vector<Adjacency> entries;
};

/// How a packet becomes a hash. Swapped whole.
struct HashSettings {
  hash::KeyFields fields;
  hash::Key4 mask_ports;   // mask4(fields, true)
  hash::Key6 mask6_ports;  // mask6(fields, true)
  hash::Hasher hasher;
  HashSettings() : HashSettings(hash::KeyFields::five_tuple(), hash::Hasher()) {}
  HashSettings(const hash::KeyFields& key_fields, hash::Hasher function)
      : fields(key_fields),
        mask_ports(hash::mask4(key_fields, true)),
        mask6_ports(hash::mask6(key_fields, true)),
        hasher(std::move(function)) {}
};

/// A nexthop group: an array of buckets, laid out behind the header in one allocation.
class alignas(64) Group {
 public:
  uint32_t size() const { return index_.size(); }
  hash::Indexing indexing() const { return index_.indexing(); }
  const AdjacencyId* buckets() const { return reinterpret_cast<const AdjacencyId*>(this + 1); }
  uint32_t bucket(uint32_t hash) const { return index_(hash); }
  AdjacencyId select(uint32_t hash) const { return buckets()[bucket(hash)]; }

 private:
  friend class Publisher;
  explicit Group(const hash::BucketIndex& index) : index_(index) {}
  hash::BucketIndex index_;
};

class Watch;

struct ForwardingState {
  static constexpr uint32_t kMaxGroups = 1u << 18;

  explicit ForwardingState(GracePeriod& grace, uint32_t tbl8_limit = Fib4::kDefaultTbl8Limit,
                           uint32_t fib6_capacity = Fib6::kDefaultCapacity)
      : fib4(grace, tbl8_limit),
        fib6(grace, fib6_capacity),
        groups(std::make_unique<std::atomic<const Group*>[]>(kMaxGroups)) {}

  const Group& group(GroupId id) const { return *groups[raw(id)].load(std::memory_order_acquire); }

  Fib4 fib4;
  Fib6 fib6;
  std::unique_ptr<std::atomic<const Group*>[]> groups;  // by GroupId; kNoRoute is a group of one drop adjacency
  std::atomic<const HashSettings*> hash_settings{nullptr};
  std::atomic<const AdjacencyTable*> adjacencies{nullptr};
  std::atomic<const PriorityTraffic*> priority_traffic{nullptr};
  std::atomic<const PortAddresses*> port_addresses{nullptr};
  std::atomic<Watch*> watch{nullptr};  // a trace or capture, while there is one
};

}  // namespace ecmpd::dataplane
