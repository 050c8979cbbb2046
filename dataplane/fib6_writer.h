// The writer's half of the IPv6 FIB: it grows and shrinks the trie and paints prefixes into it. Control thread only.
//
// Beside each entry it keeps how many of its bits belong to the prefix that it was painted from ("depth"): 1 to 8 in a
// node, 0 to 16 at the root, 0 for an entry that has its node's inherited group. So a short prefix never paints over a
// longer one. An entry that is a link has a depth too; what it would be painted with is inherited by what it leads to.
//
// The set of addresses for which an inherited group is the answer never changes while readers may be in the node or
// leaf: where a level is put in or taken out above it, a copy takes its place. Otherwise a reader that stands before
// the comparison with the prefix could get a group meant for fewer addresses.
//
// Prefixes and children of a linked node are at least two together, so there are fewer nodes than prefixes. Only a
// removal that finds no node or leaf free, because others wait for a grace period, leaves a node that is not needed.
#pragma once

#include "dataplane/fib6.h"
#include "dataplane/fib6_address.h"
#include "dataplane/fib_memory.h"
#include "dataplane/fib_pool.h"
#include "dataplane/fib_record.h"

namespace ecmpd::dataplane {

class Fib6::Writer {
 public:
  using Record = FibRecord<Address6, 128>;

  Writer(GracePeriod& grace, uint32_t capacity);

  void reserve(uint32_t nodes);
  FibResult set(const Address6& address, unsigned length, GroupId group);
  bool remove(const Address6& address, unsigned length);
  size_t reclaim() { return node_pool_.reclaim() + leaf_pool_.reclaim(); }

  const Record& record() const { return record_; }
  uint32_t nodes_in_use() const { return node_pool_.in_use(); }
  uint32_t leaves_in_use() const { return leaf_pool_.in_use(); }
  const uint32_t* root() const { return root_.data(); }
  const uint32_t* entries() const { return entries_.data(); }
  const Node* nodes() const { return nodes_.data(); }

 private:
  static constexpr uint32_t kRoot = 0;  // no node has this index

  struct Route {
    Address6 address;
    unsigned length;
    GroupId group;
  };
  /// What an entry is painted with.
  struct Paint {
    GroupId group;
    uint8_t depth;
  };
  /// Where a link may stand: an entry, and the node (or kRoot) that it is in.
  struct Place {
    uint32_t node;
    uint32_t* entry;
    uint32_t index() const { return *entry & kIndexMask; }  // of what it links to
  };

  bool is_leaf(uint32_t index) const { return index > capacity_; }
  FibPool& pool(uint32_t index) { return is_leaf(index) ? leaf_pool_ : node_pool_; }
  /// The byte by which a node decides.
  unsigned byte_of(uint32_t node) const { return nodes_[node].bits / 8; }
  uint32_t* entries_of(uint32_t node) const { return &entries_[node * kNodeSize]; }
  uint8_t* depths_of(uint32_t node) const { return &depths_[node * kNodeSize]; }
  Address6 prefix(uint32_t index) const { return Address6::from(nodes_[index].prefix); }
  Place root_place(const Address6& address) const { return {kRoot, &root_[address.high >> 48]}; }
  Place place(uint32_t node, const Address6& address) const {
    return {node, entries_of(node) + address.byte(byte_of(node))};
  }

  FibResult insert(const Place& at, const Route& route);
  FibResult insert_above(const Place& at, const Route& route);
  /// After a prefix or a child has gone from the last node of the path.
  void tidy(const Place* path, size_t nodes);
  void collapse(const Place& at);
  void replace_by_leaf(const Place& at);
  /// The last store of a change: readers see the new one from here on.
  void publish(const Place& at, uint32_t index);
  void retire(uint32_t index) { pool(index).retire(index); }

  // These work on nodes and leaves that no reader can see yet.
  uint32_t make_leaf(const Route& route, uint32_t inherited);
  uint32_t make_node(const Address6& address, unsigned byte, uint32_t inherited);
  uint32_t make_copy(uint32_t index);
  void make(uint32_t index, const Address6& address, unsigned bits, uint32_t inherited);
  void adopt(uint32_t node, uint32_t child);
  uint32_t link(uint32_t parent, uint32_t child) const;

  Paint cover_at_root(const Address6& address, unsigned length) const;
  Paint cover(uint32_t node, const Address6& address, unsigned length) const;
  void paint_root(const Address6& address, unsigned length, Paint paint);
  void paint(uint32_t node, const Address6& address, unsigned length, Paint paint);
  void paint(uint32_t node, const Route& route);
  void paint_range(uint32_t* entries, uint8_t* depths, size_t count, unsigned depth, Paint paint);
  void paint_inherited(uint32_t index, GroupId group);

  uint32_t capacity_;
  FibMemory<uint32_t> root_;
  FibMemory<uint8_t> root_depths_;
  FibMemory<uint32_t> entries_;  // of node 0, which is not used, node 1, ..
  FibMemory<uint8_t> depths_;
  FibMemory<Node> nodes_;  // 1 to capacity: nodes; then as many leaves, and one for the moment of a copy
  FibPool node_pool_;
  FibPool leaf_pool_;
  Record record_;
};

}  // namespace ecmpd::dataplane
