#include "dataplane/publisher.h"

#include <rte_ether.h>

#include <algorithm>
#include <cassert>
#include <new>

#include "dataplane/counters.h"
#include "dataplane/watch.h"

namespace ecmpd::dataplane {

Publisher::Publisher(ForwardingState& state, GracePeriod& grace) : state_(state), retired_(grace) {
  std::vector<Adjacency> fixed(3);
  fixed[raw(kNoRouteAdjacency)].reason = DropReason::kNoRoute;
  fixed[raw(kUnresolvedAdjacency)].reason = DropReason::kUnresolved;
  fixed[raw(kLocalAdjacency)].kind = AdjacencyKind::kLocal;
  publish_adjacencies(std::move(fixed));
  set_hash_settings(HashSettings());
  set_priority_traffic(PriorityTraffic());
  set_port_addresses(PortAddresses());
  const AdjacencyId no_route = kNoRouteAdjacency;
  state_.groups[raw(kNoRoute)].store(make_group({&no_route, 1}, hash::Indexing::kLowBits), std::memory_order_release);
}

Publisher::~Publisher() {
  for (uint32_t i = 0; i < next_group_; ++i) {
    if (const Group* group = state_.groups[i].exchange(nullptr)) free_group(group);
  }
  delete state_.hash_settings.exchange(nullptr);
  delete state_.adjacencies.exchange(nullptr);
  delete state_.priority_traffic.exchange(nullptr);
  delete state_.port_addresses.exchange(nullptr);
  delete state_.watch.exchange(nullptr);
}

size_t Publisher::poll() { return retired_.poll() + state_.fib4.reclaim() + state_.fib6.reclaim(); }

template <typename T>
void Publisher::swap_pointer(std::atomic<const T*>& slot, const T* value) {
  const T* old = slot.exchange(value, std::memory_order_acq_rel);
  if (old != nullptr) retired_.defer([old] { delete old; });
}

void Publisher::set_hash_settings(const HashSettings& settings) {
  swap_pointer(state_.hash_settings, static_cast<const HashSettings*>(new HashSettings(settings)));
}

void Publisher::set_priority_traffic(const PriorityTraffic& traffic) {
  swap_pointer(state_.priority_traffic, static_cast<const PriorityTraffic*>(new PriorityTraffic(traffic)));
}

void Publisher::set_port_addresses(PortAddresses addresses) {
  swap_pointer(state_.port_addresses, static_cast<const PortAddresses*>(new PortAddresses(std::move(addresses))));
}

void Publisher::set_watch(std::unique_ptr<Watch> watch) {
  Watch* const old = state_.watch.exchange(watch.release(), std::memory_order_acq_rel);
  if (old != nullptr) retired_.defer([old] { delete old; });
}

void Publisher::publish_adjacencies(std::vector<Adjacency> entries) {
  for (size_t i = 0; i < entries.size(); ++i) {
    Adjacency& entry = entries[i];
    entry.counter = static_cast<uint16_t>(std::min<size_t>(i, kMaxCountedAdjacencies - 1));
    const bool forwards = entry.kind == AdjacencyKind::kForward;
    entry.longest_frame = forwards ? entry.mtu + uint32_t{sizeof(rte_ether_hdr)} : 0;
  }
  swap_pointer(state_.adjacencies, static_cast<const AdjacencyTable*>(new AdjacencyTable{std::move(entries)}));
}

AdjacencyId Publisher::add_adjacency(const Adjacency& adjacency) {
  std::vector<Adjacency> entries = state_.adjacencies.load(std::memory_order_relaxed)->entries;
  AdjacencyId id{static_cast<uint16_t>(entries.size())};
  if (!free_adjacencies_.empty()) {
    id = free_adjacencies_.back();
    free_adjacencies_.pop_back();
    entries[raw(id)] = adjacency;
  } else if (entries.size() >= kMaxAdjacencies) {
    return kNoRouteAdjacency;
  } else {
    entries.push_back(adjacency);
  }
  publish_adjacencies(std::move(entries));
  return id;
}

void Publisher::replace_adjacency(AdjacencyId id, const Adjacency& adjacency) {
  std::vector<Adjacency> entries = state_.adjacencies.load(std::memory_order_relaxed)->entries;
  entries.at(raw(id)) = adjacency;
  publish_adjacencies(std::move(entries));
}

void Publisher::remove_adjacency(AdjacencyId id) {
  // The entry stays as it is: packets that chose it a moment ago still go out. Only the identifier is given back.
  retired_.defer([this, id] { free_adjacencies_.push_back(id); });
}

const Adjacency& Publisher::adjacency(AdjacencyId id) const {
  return state_.adjacencies.load(std::memory_order_relaxed)->entries.at(raw(id));
}

const Group* Publisher::make_group(std::span<const AdjacencyId> buckets, hash::Indexing indexing) {
  assert(!buckets.empty() && (indexing != hash::Indexing::kLowBits || (buckets.size() & (buckets.size() - 1)) == 0));
  void* memory = ::operator new (sizeof(Group) + buckets.size_bytes(), std::align_val_t{alignof(Group)});
  Group* group = new (memory) Group(hash::BucketIndex(static_cast<uint32_t>(buckets.size()), indexing));
  std::copy(buckets.begin(), buckets.end(), const_cast<AdjacencyId*>(group->buckets()));
  return group;
}

void Publisher::free_group(const Group* group) {
  ::operator delete (const_cast<Group*>(group), std::align_val_t{alignof(Group)});
}

GroupId Publisher::create_group(std::span<const AdjacencyId> buckets, hash::Indexing indexing) {
  uint32_t id;
  if (!free_groups_.empty()) {
    id = free_groups_.back();
    free_groups_.pop_back();
  } else if (next_group_ < ForwardingState::kMaxGroups) {
    id = next_group_++;
  } else {
    return kNoRoute;
  }
  state_.groups[id].store(make_group(buckets, indexing), std::memory_order_release);
  return GroupId{id};
}

void Publisher::replace_group(GroupId id, std::span<const AdjacencyId> buckets, hash::Indexing indexing) {
  const Group* old = state_.groups[raw(id)].exchange(make_group(buckets, indexing), std::memory_order_acq_rel);
  retired_.defer([old] { free_group(old); });
}

void Publisher::destroy_group(GroupId id) {
  // A worker may have read this identifier from the FIB just now: the slot stays filled until the grace period is over.
  retired_.defer([this, id] {
    if (const Group* group = state_.groups[raw(id)].exchange(nullptr)) free_group(group);
    free_groups_.push_back(raw(id));
  });
}

bool Publisher::set_route(const hash::Prefix& prefix, GroupId group) {
  const bool ipv4 = prefix.family() == hash::Family::kIpv4;
  return (ipv4 ? state_.fib4.set(prefix, group) : state_.fib6.set(prefix, group)) == FibResult::kOk;
}

void Publisher::remove_route(const hash::Prefix& prefix) {
  if (prefix.family() == hash::Family::kIpv4) {
    state_.fib4.remove(prefix);
  } else {
    state_.fib6.remove(prefix);
  }
}

}  // namespace ecmpd::dataplane
