// The one writer of the ForwardingState: builds new versions off the path and swaps pointers.
//
// Control thread only. Nothing here blocks: what workers may still see waits in a queue until its grace period has
// passed, and poll() frees it. Callers keep the order of references (adjacency before group before route when adding,
// the other way round when deleting); identifiers are reused only after a grace period.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "dataplane/forwarding_state.h"
#include "dataplane/grace_period.h"

namespace ecmpd::dataplane {

class Publisher {
 public:
  static constexpr unsigned kMaxAdjacencies = 65535;

  Publisher(ForwardingState& state, GracePeriod& grace);
  /// Frees everything; no worker may run any more.
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  void set_hash_settings(const HashSettings& settings);
  void set_priority_traffic(const PriorityTraffic& traffic);
  void set_port_addresses(PortAddresses addresses);

  /// Workers record for the watch from now on. The one before is freed when none of them does any more: it must not be
  /// touched again. Null: nobody watches.
  void set_watch(std::unique_ptr<Watch> watch);

  /// kNoRouteAdjacency when there is no room for another.
  AdjacencyId add_adjacency(const Adjacency& adjacency);
  void replace_adjacency(AdjacencyId id, const Adjacency& adjacency);
  void remove_adjacency(AdjacencyId id);
  const Adjacency& adjacency(AdjacencyId id) const;

  /// `buckets` is not empty; a power of two long with low bits. kNoRoute when there is no room for another.
  GroupId create_group(std::span<const AdjacencyId> buckets, hash::Indexing indexing);
  void replace_group(GroupId id, std::span<const AdjacencyId> buckets, hash::Indexing indexing);
  void destroy_group(GroupId id);

  /// False: the FIB is full and nothing changed.
  [[nodiscard]] bool set_route(const hash::Prefix& prefix, GroupId group);
  void remove_route(const hash::Prefix& prefix);

  /// Frees what no worker can see any more. Returns how many things still wait; call again some milliseconds later.
  size_t poll();

 private:
  template <typename T>
  void swap_pointer(std::atomic<const T*>& slot, const T* value);
  void publish_adjacencies(std::vector<Adjacency> entries);
  static const Group* make_group(std::span<const AdjacencyId> buckets, hash::Indexing indexing);
  static void free_group(const Group* group);

  ForwardingState& state_;
  std::vector<uint32_t> free_groups_;
  uint32_t next_group_ = 1;
  std::vector<AdjacencyId> free_adjacencies_;
  Retired retired_;
};

}  // namespace ecmpd::dataplane
