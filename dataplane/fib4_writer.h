// The writer's half of the IPv4 FIB: it paints prefixes into the lookup tables. Control thread only.
//
// Beside each table entry it keeps the length ("depth") of the prefix that the entry was painted from, so that a short
// prefix never paints over a longer one. In tbl24 the depth is 0 to 24, also under a tbl8; in a tbl8 it is 25 to 32, or
// 0 for an entry that follows the tbl24 depth. A free tbl8 has only depths 0. Every store is a release: a reader that
// sees a group id sees the group, one that sees a tbl8 index sees the tbl8 filled.
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
  size_t reclaim() { return slots_.reclaim(); }

  const Record& record() const { return record_; }
  uint32_t tbl8_in_use() const { return slots_.in_use(); }
  const uint32_t* tbl24() const { return tbl24_.data(); }
  const uint32_t* tbl8() const { return tbl8_.data(); }

 private:
  /// What an entry is painted with.
  struct Paint {
    GroupId group;
    uint8_t depth;
  };
  /// What an address falls back to when its prefix of this length goes.
  Paint cover(uint32_t address, unsigned length) const;
  void paint_short(uint32_t address, unsigned length, Paint paint);
  void paint_long(uint32_t slot, uint32_t address, unsigned length, Paint paint);
  void paint_inherited(uint32_t slot, GroupId group);
  void unlink(uint32_t entry_index, GroupId group);

  FibMemory<uint32_t> tbl24_;
  FibMemory<uint32_t> tbl8_;
  FibMemory<uint8_t> depth24_;
  FibMemory<uint8_t> depth8_;
  FibMemory<uint16_t> longer_;  // for each tbl8, how many prefixes longer than /24 it holds
  Record record_;
  FibPool slots_;  // of tbl8_
  uint32_t limit_;
};

}  // namespace ecmpd::dataplane
