// The writer's half of the IPv4 FIB: it paints prefixes into the lookup tables. Control thread only.
//
// Beside each table entry it keeps the length ("depth") of the prefix that the entry was painted from, so that a short
// prefix never paints over a longer one. In tbl24 the depth is 0 to 24, also under a link; in a tbl8 it is 25 to 32, or
// 0 for an entry that follows the tbl24 depth. So the tables themselves say which /32s there are: nothing hides one. Of
// the other prefixes there is a record. Every store is a release: a reader that sees a group id sees the group,
// one that sees a link sees the leaf or tbl8 filled.
//
// A /24 with one longer prefix has a leaf, one with more a tbl8, whatever came before. Only a removal that finds no
// leaf free leaves one prefix in a tbl8. A change from one to the other makes the new one off the path and swaps the
// link; what was unlinked stays as it was, so that a reader in it reads the answer of the moment of the swap, which
// lies within its lookup, whatever happens to the prefixes around it later.
#pragma once

#include "dataplane/fib4.h"
#include "dataplane/fib_memory.h"
#include "dataplane/fib_pool.h"
#include "dataplane/fib_record.h"

namespace ecmpd::dataplane {

class Fib4::Writer {
 public:
  using Record = FibRecord<uint32_t, 32>;

  Writer(GracePeriod& grace, uint32_t tbl8_limit);

  void reserve(uint32_t tbl8s);
  FibResult set(uint32_t address, unsigned length, GroupId group);
  bool remove(uint32_t address, unsigned length);
  size_t reclaim() { return leaf_pool_.reclaim() + tbl8_pool_.reclaim(); }

  std::optional<GroupId> find(uint32_t address, unsigned length) const {
    return length == 32 ? host(address) : record_.find(address, length);
  }
  size_t size() const { return record_.size() + hosts_; }
  uint32_t leaves_in_use() const { return leaf_pool_.in_use(); }
  uint32_t tbl8_in_use() const { return tbl8_pool_.in_use(); }
  const uint32_t* tbl24() const { return tbl24_.data(); }
  const uint32_t* tbl8() const { return tbl8_.data(); }
  const Leaf* leaves() const { return leaves_.data(); }

 private:
  struct Route {
    uint32_t address;
    unsigned length;
    GroupId group;
  };
  /// What an entry is painted with.
  struct Paint {
    GroupId group;
    uint8_t depth;
  };
  static bool is_leaf(uint32_t entry) { return (entry & (kLink | kLeaf)) == (kLink | kLeaf); }

  /// The group of a /32.
  std::optional<GroupId> host(uint32_t address) const;
  FibResult paint_route(uint32_t& entry, const Route& route);
  /// What an address falls back to when its prefix of this length goes.
  Paint cover(uint32_t address, unsigned length) const;
  void paint_short(uint32_t address, unsigned length, Paint paint);
  void paint_long(uint32_t slot, uint32_t address, unsigned length, Paint paint);
  void paint_long(uint32_t slot, const Route& route);
  void paint_inherited(uint32_t entry, GroupId group);

  /// A link to a new leaf or tbl8, which no reader can see yet; around the route is `inherited`.
  uint32_t make_leaf(const Route& route, uint32_t inherited);
  uint32_t make_tbl8(const Route& route, uint32_t inherited);
  /// Swaps the entry, and gives back what it was a link to.
  void replace(uint32_t& entry, uint32_t value);
  /// The only prefix of a tbl8.
  Route lone_route(uint32_t slot, uint32_t address) const;

  FibMemory<uint32_t> tbl24_;
  FibMemory<uint32_t> tbl8_;
  FibMemory<Leaf> leaves_;
  FibMemory<uint8_t> depth24_;
  FibMemory<uint8_t> depth8_;
  FibMemory<uint16_t> longer_;  // for each tbl8, how many prefixes longer than /24 it holds
  Record record_;               // of all prefixes but /32s
  size_t hosts_ = 0;            // /32s
  FibPool tbl8_pool_;
  FibPool leaf_pool_;
  uint32_t limit_;
};

}  // namespace ecmpd::dataplane
