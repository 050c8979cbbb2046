#include "dataplane/fib4_writer.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace ecmpd::dataplane {

namespace {
constexpr size_t kTbl24Size = size_t{1} << 24;

/// More leaves than /24s are of no use.
size_t leaves_for(size_t tbl8s) { return std::min(tbl8s * Fib4::kLeavesPerTbl8, kTbl24Size); }
void store(uint32_t& entry, uint32_t value) { __atomic_store_n(&entry, value, __ATOMIC_RELEASE); }
}  // namespace

Fib4::Writer::Writer(GracePeriod& grace, uint32_t tbl8_limit)
    : tbl24_(kTbl24Size),
      tbl8_(tbl8_limit * kTbl8Size),
      leaves_(leaves_for(tbl8_limit)),
      depth24_(kTbl24Size),
      depth8_(tbl8_limit * kTbl8Size),
      longer_(tbl8_limit),
      tbl8_pool_(grace, 0, tbl8_limit),
      leaf_pool_(grace, 0, static_cast<uint32_t>(leaves_for(tbl8_limit))),
      limit_(tbl8_limit) {
  assert(tbl8_limit <= kMaxTbl8Limit);
}

void Fib4::Writer::reserve(uint32_t tbl8s) {
  tbl8s = std::min(tbl8s, limit_);
  tbl24_.touch(kTbl24Size);
  depth24_.touch(kTbl24Size);
  leaves_.touch(leaves_for(tbl8s));
  tbl8_.touch(tbl8s * kTbl8Size);
  depth8_.touch(tbl8s * kTbl8Size);
  longer_.touch(tbl8s);
}

FibResult Fib4::Writer::set(uint32_t address, unsigned length, GroupId group) {
  assert(!(raw(group) & kLink));
  if (length <= 24) {
    // Nothing to paint when nothing changes: the default route is 16 million stores.
    if (record_.find(address, length) != group) paint_short(address, length, {group, static_cast<uint8_t>(length)});
    record_.set(address, length, group);
    return FibResult::kOk;
  }
  uint32_t& entry = tbl24_[address >> 8];
  const bool new_host = length == 32 && !host(address);
  const FibResult result = paint_route(entry, {address, length, group});
  if (result != FibResult::kOk) return result;
  const bool added = length == 32 ? new_host : record_.set(address, length, group);
  hosts_ += new_host;
  if (!is_leaf(entry)) longer_[entry & kIndexMask] += added;
  return FibResult::kOk;
}

// One longer than /24, into the leaf or tbl8 that it needs.
FibResult Fib4::Writer::paint_route(uint32_t& entry, const Route& route) {
  const uint32_t index = entry & kIndexMask;
  if (!(entry & kLink)) {
    if (!leaf_pool_.has(1)) return FibResult::kFull;
    store(entry, make_leaf(route, entry));
    return FibResult::kOk;
  }
  if (!is_leaf(entry)) {
    paint_long(index, route);
    return FibResult::kOk;
  }
  Leaf& leaf = leaves_[index];
  const Route lone{leaf.address, static_cast<unsigned>(std::popcount(leaf.mask)), GroupId{leaf.groups[1]}};
  if (lone.length == route.length && lone.address == masked(route.address, route.length)) {
    store(leaf.groups[1], raw(route.group));
    return FibResult::kOk;
  }
  if (!tbl8_pool_.has(1)) return FibResult::kFull;
  const uint32_t link = make_tbl8(lone, leaf.groups[0]);
  paint_long(link & kIndexMask, route);
  replace(entry, link);
  return FibResult::kOk;
}

std::optional<GroupId> Fib4::Writer::host(uint32_t address) const {
  const uint32_t entry = tbl24_[address >> 8];
  if (!(entry & kLink)) return std::nullopt;
  if (is_leaf(entry)) {
    const Leaf& leaf = leaves_[entry & kIndexMask];
    if (leaf.mask != UINT32_MAX || leaf.address != address) return std::nullopt;
    return GroupId{leaf.groups[1]};
  }
  const size_t at = (entry & kIndexMask) * kTbl8Size + (address & 0xff);
  if (depth8_[at] != 32) return std::nullopt;
  return GroupId{tbl8_[at]};
}

bool Fib4::Writer::remove(uint32_t address, unsigned length) {
  if (length == 32 ? !host(address) : !record_.erase(address, length)) return false;
  hosts_ -= length == 32;
  if (length <= 24) {
    paint_short(address, length, cover(address, length));
    return true;
  }
  uint32_t& entry = tbl24_[address >> 8];
  const uint32_t index = entry & kIndexMask;
  if (is_leaf(entry)) {
    replace(entry, leaves_[index].groups[0]);
    return true;
  }
  const Paint paint = cover(address, length);
  paint_long(index, address, length, paint);
  if (--longer_[index] == 0) {
    replace(entry, raw(paint.group));
  } else if (longer_[index] == 1 && leaf_pool_.has(1)) {
    replace(entry, make_leaf(lone_route(index, address), raw(cover(address, 25).group)));
  }
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
    if (tbl24_[i] & kLink) {
      paint_inherited(tbl24_[i], paint.group);
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

void Fib4::Writer::paint_long(uint32_t slot, const Route& route) {
  paint_long(slot, route.address, route.length, {route.group, static_cast<uint8_t>(route.length)});
}

void Fib4::Writer::paint_inherited(uint32_t entry, GroupId group) {
  const uint32_t index = entry & kIndexMask;
  if (is_leaf(entry)) return store(leaves_[index].groups[0], raw(group));
  for (size_t i = index * kTbl8Size; i < (index + 1) * kTbl8Size; ++i) {
    if (depth8_[i] == 0) store(tbl8_[i], raw(group));
  }
}

// Plain stores in the next two: nobody can see what they fill. ThreadSanitizer reports them if somebody could.

uint32_t Fib4::Writer::make_leaf(const Route& route, uint32_t inherited) {
  const uint32_t leaf = leaf_pool_.take();
  leaves_[leaf] = {
      masked(route.address, route.length), masked(UINT32_MAX, route.length), {inherited, raw(route.group)}};
  return kLink | kLeaf | leaf;
}

uint32_t Fib4::Writer::make_tbl8(const Route& route, uint32_t inherited) {
  const uint32_t slot = tbl8_pool_.take();
  std::fill_n(&tbl8_[slot * kTbl8Size], kTbl8Size, inherited);
  std::fill_n(&depth8_[slot * kTbl8Size], kTbl8Size, uint8_t{0});
  paint_long(slot, route);
  longer_[slot] = 1;
  return kLink | slot;
}

void Fib4::Writer::replace(uint32_t& entry, uint32_t value) {
  const uint32_t old = entry;
  store(entry, value);
  (is_leaf(old) ? leaf_pool_ : tbl8_pool_).retire(old & kIndexMask);
}

Fib4::Writer::Route Fib4::Writer::lone_route(uint32_t slot, uint32_t address) const {
  const uint8_t* const depths = &depth8_[slot * kTbl8Size];
  const auto first = static_cast<uint32_t>(
      std::find_if(depths, depths + kTbl8Size, [](uint8_t depth) { return depth != 0; }) - depths);
  return {masked(address, 24) | first, depths[first], GroupId{tbl8_[slot * kTbl8Size + first]}};
}

}  // namespace ecmpd::dataplane
