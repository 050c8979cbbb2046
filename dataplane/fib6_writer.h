// The writer's half of the IPv6 FIB: it grows and shrinks the trie and paints prefixes into it. Control thread only.
//
// Beside each entry it keeps how many of its bits belong to the prefix that it was painted from ("depth"): 1 to 8 in a
// node, 0 to 16 at the root, 0 for an entry that has its node's inherited group. So a short prefix never paints over a
// longer one. An entry that is a link has a depth too; what it would be painted with is inherited by the child.
//
// The set of addresses for which a node's inherited group is the answer never changes while readers may be in the node:
// where a level is put in or taken out above a node, a copy of the node takes its place. Otherwise a reader that stands
// before the comparison with the node's prefix could get a group meant for fewer addresses.
//
// A node that is linked has a prefix of its own or at least two children; so there are at most two for each prefix.
// Only a removal that finds every node taken leaves one more.
#pragma once

#include <vector>

#include "dataplane/fib6.h"
#include "dataplane/fib6_address.h"
#include "dataplane/fib_memory.h"
#include "dataplane/fib_record.h"

namespace ecmpd::dataplane {

class Fib6::Writer {
 public:
  using Record = FibRecord<Address6, 128>;

  Writer(GracePeriod& grace, uint32_t node_limit);

  void reserve(uint32_t nodes);
  FibResult set(const Address6& address, unsigned length, GroupId group);
  bool remove(const Address6& address, unsigned length);
  size_t reclaim();

  const Record& record() const { return record_; }
  uint32_t nodes_in_use() const { return in_use_; }
  const uint32_t* root() const { return root_.data(); }
  const uint32_t* entries() const { return entries_.data(); }
  const Node* nodes() const { return nodes_.data(); }

 private:
  static constexpr uint32_t kRoot = UINT32_MAX;
  static constexpr unsigned kRootBytes = 2;

  /// What an entry is painted with.
  struct Paint {
    GroupId group;
    uint8_t depth;
  };
  /// Where a link may stand: an entry and the node (or kRoot) that it is in.
  struct Place {
    uint32_t node;
    uint32_t* entry;
  };

  Place root_place(const Address6& address) const;
  Place place(uint32_t node, const Address6& address) const;
  uint32_t* entries_of(uint32_t node) const { return &entries_[node * kNodeSize]; }

  Paint cover_at_root(const Address6& address, unsigned length) const;
  Paint cover(uint32_t node, const Address6& address, unsigned length) const;
  void paint_root(const Address6& address, unsigned length, Paint paint);
  void paint(uint32_t node, const Address6& address, unsigned length, Paint paint);
  void paint_range(uint32_t* entries, uint8_t* depths, size_t count, unsigned depth, Paint paint);
  void paint_inherited(uint32_t node, GroupId group);

  FibResult insert(const Place& at, const Address6& address, unsigned length, GroupId group);
  /// After a prefix or a child has gone from the last node of the path.
  void tidy(Place* path, size_t nodes);
  void collapse(const Place& at);

  /// Nodes that no reader can see, with undefined contents. False, and none taken, if there are too few.
  bool take(uint32_t* nodes, unsigned count);
  void make(uint32_t node, const Address6& address, unsigned byte, uint32_t inherited);
  void copy(uint32_t to, uint32_t from);
  /// Before the node is visible.
  void adopt(uint32_t node, uint32_t child);
  uint32_t link(uint32_t parent, uint32_t child) const;
  void retire(uint32_t node);

  FibMemory<uint32_t> root_;
  FibMemory<uint8_t> root_depths_;
  FibMemory<uint32_t> entries_;
  FibMemory<uint8_t> depths_;
  FibMemory<Node> nodes_;
  Record record_;

  uint32_t limit_;
  uint32_t in_use_ = 0;
  uint32_t untouched_ = 0;  // nodes from here on have never been used
  std::vector<uint32_t> free_;
  GraceQueue<uint32_t> waiting_;
};

}  // namespace ecmpd::dataplane
