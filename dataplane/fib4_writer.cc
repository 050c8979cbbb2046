#include "dataplane/fib4_writer.h"

#include <algorithm>
#include <cassert>

namespace ecmpd::dataplane {

namespace {
constexpr size_t kTbl24Size = size_t{1} << 24;
constexpr size_t kTbl8Size = 256;

void store(uint32_t& entry, uint32_t value) { __atomic_store_n(&entry, value, __ATOMIC_RELEASE); }
}  // namespace

Fib4::Writer::Writer(GracePeriod& grace, uint32_t tbl8_limit)
    : tbl24_(kTbl24Size),
      tbl8_(tbl8_limit * kTbl8Size),
      depth24_(kTbl24Size),
      depth8_(tbl8_limit * kTbl8Size),
      longer_(tbl8_limit),
      slots_(grace, 0, tbl8_limit),
      limit_(tbl8_limit) {
  assert(tbl8_limit <= kMaxTbl8Limit);
}

void Fib4::Writer::reserve(uint32_t tbl8s) {
  tbl8s = std::min(tbl8s, limit_);
  tbl24_.touch(kTbl24Size);
  depth24_.touch(kTbl24Size);
  tbl8_.touch(tbl8s * kTbl8Size);
  depth8_.touch(tbl8s * kTbl8Size);
  longer_.touch(tbl8s);
}

FibResult Fib4::Writer::set(uint32_t address, unsigned length, GroupId group) {
  assert(!(raw(group) & kExtended));
  const Paint paint{group, static_cast<uint8_t>(length)};
  if (length <= 24) {
    // Nothing to paint when nothing changes: the default route is 16 million stores.
    if (record_.find(address, length) != group) paint_short(address, length, paint);
    record_.set(address, length, group);
    return FibResult::kOk;
  }

  uint32_t& entry = tbl24_[address >> 8];
  if (entry & kExtended) {
    const uint32_t slot = entry & ~kExtended;
    paint_long(slot, address, length, paint);
    longer_[slot] += record_.set(address, length, group);
    return FibResult::kOk;
  }
  if (!slots_.has(1)) return FibResult::kFull;
  const uint32_t slot = slots_.take();
  // Plain stores: nobody can see this tbl8. ThreadSanitizer reports them if somebody could.
  std::fill_n(&tbl8_[slot * kTbl8Size], kTbl8Size, entry);
  paint_long(slot, address, length, paint);
  store(entry, slot | kExtended);
  record_.set(address, length, group);
  longer_[slot] = 1;
  return FibResult::kOk;
}

bool Fib4::Writer::remove(uint32_t address, unsigned length) {
  if (!record_.erase(address, length)) return false;
  const Paint paint = cover(address, length);
  if (length <= 24) {
    paint_short(address, length, paint);
    return true;
  }
  const uint32_t slot = tbl24_[address >> 8] & ~kExtended;
  paint_long(slot, address, length, paint);
  if (--longer_[slot] == 0) unlink(address >> 8, paint.group);
  return true;
}

Fib4::Writer::Paint Fib4::Writer::cover(uint32_t address, unsigned length) const {
  while (length > 0) {
    --length;
    if (length == 24) length = depth24_[address >> 8];  // known: no need to ask the record for each length
    if (const auto group = record_.find(address, length)) return {*group, static_cast<uint8_t>(length)};
  }
  return {kNoRoute, 0};
}

void Fib4::Writer::paint_short(uint32_t address, unsigned length, Paint paint) {
  const uint32_t first = static_cast<uint32_t>((uint64_t{address >> 8} >> (24 - length)) << (24 - length));
  const uint32_t end = first + (1u << (24 - length));
  for (uint32_t i = first; i < end; ++i) {
    // Depths below `length` occur when a prefix is new, equal ones when it is replaced or removed.
    if (depth24_[i] > length) continue;
    depth24_[i] = paint.depth;
    if (tbl24_[i] & kExtended) {
      paint_inherited(tbl24_[i] & ~kExtended, paint.group);
    } else {
      store(tbl24_[i], raw(paint.group));
    }
  }
}

void Fib4::Writer::paint_long(uint32_t slot, uint32_t address, unsigned length, Paint paint) {
  const uint8_t depth = paint.depth > 24 ? paint.depth : 0;
  const size_t count = size_t{1} << (32 - length);
  const size_t first = slot * kTbl8Size + ((address & 0xff) & ~(count - 1));
  for (size_t i = first; i < first + count; ++i) {
    if (depth8_[i] > length) continue;
    depth8_[i] = depth;
    store(tbl8_[i], raw(paint.group));
  }
}

void Fib4::Writer::paint_inherited(uint32_t slot, GroupId group) {
  for (size_t i = slot * kTbl8Size; i < (slot + 1) * kTbl8Size; ++i) {
    if (depth8_[i] == 0) store(tbl8_[i], raw(group));
  }
}

void Fib4::Writer::unlink(uint32_t entry_index, GroupId group) {
  // The tbl8's entries already equal `group`. A reader that stands in it reads the answer of the moment of the unlink,
  // which lies within its lookup, whatever happens to the prefixes around it later.
  const uint32_t slot = tbl24_[entry_index] & ~kExtended;
  store(tbl24_[entry_index], raw(group));
  slots_.retire(slot);
}

}  // namespace ecmpd::dataplane
