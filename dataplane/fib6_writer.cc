#include "dataplane/fib6_writer.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace ecmpd::dataplane {

namespace {
constexpr size_t kRootSize = size_t{1} << 16;
// From the root to a node that decides by the last byte.
constexpr size_t kLongestPath = 15;

void store(uint32_t& entry, uint32_t value) { __atomic_store_n(&entry, value, __ATOMIC_RELEASE); }
/// The byte by which the node decides where prefixes of this length, above 16, end.
unsigned deciding_byte(unsigned length) { return (length - 1) / 8; }
}  // namespace

Fib6::Writer::Writer(GracePeriod& grace, uint32_t node_limit)
    : root_(kRootSize),
      root_depths_(kRootSize),
      entries_(node_limit * kNodeSize),
      depths_(node_limit * kNodeSize),
      nodes_(node_limit),
      limit_(node_limit),
      waiting_(grace) {
  assert(node_limit <= kMaxNodeLimit);
}

void Fib6::Writer::reserve(uint32_t nodes) {
  nodes = std::min(nodes, limit_);
  entries_.touch(nodes * kNodeSize);
  depths_.touch(nodes * kNodeSize);
  nodes_.touch(nodes);
}

Fib6::Writer::Place Fib6::Writer::root_place(const Address6& address) const {
  return {kRoot, &root_[address.high >> 48]};
}

Fib6::Writer::Place Fib6::Writer::place(uint32_t node, const Address6& address) const {
  return {node, entries_of(node) + address.byte(nodes_[node].byte)};
}

FibResult Fib6::Writer::set(const Address6& address, unsigned length, GroupId group) {
  assert(!(raw(group) & kLink));
  if (record_.find(address, length) == group) return FibResult::kOk;
  if (length <= 8 * kRootBytes) {
    paint_root(address, length, {group, static_cast<uint8_t>(length)});
    record_.set(address, length, group);
    return FibResult::kOk;
  }
  const unsigned byte = deciding_byte(length);
  Place at = root_place(address);
  while (*at.entry & kLink) {
    const uint32_t node = *at.entry & kNodeMask;
    const unsigned node_byte = nodes_[node].byte;
    if (node_byte > byte || common_bytes(address, Address6::from(nodes_[node].prefix)) < node_byte) break;
    if (node_byte == byte) {
      paint(node, address, length, {group, static_cast<uint8_t>(length - 8 * byte)});
      nodes_[node].prefixes += record_.set(address, length, group);
      return FibResult::kOk;
    }
    at = place(node, address);
  }
  return insert(at, address, length, group);
}

// Puts a node for the prefix between `at` and what is there: a group, or a link to a node that lies below the new one
// or beside it. In the latter case a third node is needed where the two part.
FibResult Fib6::Writer::insert(const Place& at, const Address6& address, unsigned length, GroupId group) {
  const unsigned byte = deciding_byte(length);
  const bool above = *at.entry & kLink;
  const uint32_t old = *at.entry & kNodeMask;
  unsigned fork = byte;
  if (above) fork = std::min(fork, common_bytes(address, Address6::from(nodes_[old].prefix)));

  uint32_t taken[3];
  if (!take(taken, 1 + above + (fork < byte))) return FibResult::kFull;
  const auto [fresh, moved, parting] = taken;
  const uint32_t inherited = above ? nodes_[old].inherited : *at.entry;
  uint32_t top = fresh;
  make(fresh, address, byte, inherited);
  if (above) copy(moved, old);
  if (fork < byte) {
    make(parting, address, fork, inherited);
    adopt(parting, fresh);
    top = parting;
  }
  if (above) adopt(top, moved);
  paint(fresh, address, length, {group, static_cast<uint8_t>(length - 8 * byte)});
  nodes_[fresh].prefixes = 1;
  record_.set(address, length, group);

  store(*at.entry, link(at.node, top));
  if (above) {
    retire(old);
  } else if (at.node != kRoot) {
    ++nodes_[at.node].children;
  }
  return FibResult::kOk;
}

bool Fib6::Writer::remove(const Address6& address, unsigned length) {
  if (!record_.erase(address, length)) return false;
  if (length <= 8 * kRootBytes) {
    paint_root(address, length, cover_at_root(address, length));
    return true;
  }
  const unsigned byte = deciding_byte(length);
  Place path[kLongestPath];
  size_t nodes = 0;
  uint32_t node;
  Place at = root_place(address);
  do {
    path[nodes++] = at;
    node = *at.entry & kNodeMask;
    at = place(node, address);
  } while (nodes_[node].byte < byte);
  paint(node, address, length, cover(node, address, length));
  --nodes_[node].prefixes;
  tidy(path, nodes);
  return true;
}

void Fib6::Writer::tidy(Place* path, size_t nodes) {
  for (; nodes > 0; --nodes) {
    const Place& at = path[nodes - 1];
    const uint32_t node = *at.entry & kNodeMask;
    if (nodes_[node].prefixes > 0 || nodes_[node].children > 1) return;
    if (nodes_[node].children == 1) return collapse(at);
    // Its entries already equal the inherited group. A reader that stands in it reads the answer of the moment of the
    // unlink, which lies within its lookup, whatever happens to the prefixes around it later.
    store(*at.entry, nodes_[node].inherited);
    retire(node);
    if (at.node == kRoot) return;
    --nodes_[at.node].children;
  }
}

// Takes out a node that has no prefix and one child.
void Fib6::Writer::collapse(const Place& at) {
  uint32_t moved;
  if (!take(&moved, 1)) return;  // a level more than needed gives the same answers
  const uint32_t node = *at.entry & kNodeMask;
  const uint32_t* const entries = entries_of(node);
  const uint32_t child = *std::find_if(entries, entries + kNodeSize, [](uint32_t e) { return e & kLink; }) & kNodeMask;
  copy(moved, child);
  store(*at.entry, link(at.node, moved));
  retire(node);
  retire(child);
}

Fib6::Writer::Paint Fib6::Writer::cover_at_root(const Address6& address, unsigned length) const {
  while (length-- > 0) {
    if (const auto group = record_.find(address, length)) return {*group, static_cast<uint8_t>(length)};
  }
  return {kNoRoute, 0};
}

Fib6::Writer::Paint Fib6::Writer::cover(uint32_t node, const Address6& address, unsigned length) const {
  const unsigned above = 8u * nodes_[node].byte;
  while (--length > above) {
    if (const auto group = record_.find(address, length)) return {*group, static_cast<uint8_t>(length - above)};
  }
  return {GroupId{nodes_[node].inherited}, 0};
}

void Fib6::Writer::paint_root(const Address6& address, unsigned length, Paint paint) {
  const size_t first = masked(address, length).high >> 48;
  paint_range(&root_[first], &root_depths_[first], kRootSize >> length, length, paint);
}

void Fib6::Writer::paint(uint32_t node, const Address6& address, unsigned length, Paint paint) {
  const unsigned byte = nodes_[node].byte;
  const unsigned depth = length - 8 * byte;
  const size_t first = node * kNodeSize + masked(address, length).byte(byte);
  paint_range(&entries_[first], &depths_[first], kNodeSize >> depth, depth, paint);
}

void Fib6::Writer::paint_range(uint32_t* entries, uint8_t* depths, size_t count, unsigned depth, Paint paint) {
  for (size_t i = 0; i < count; ++i) {
    // Depths below `depth` occur when a prefix is new, equal ones when it is replaced or removed.
    if (depths[i] > depth) continue;
    depths[i] = paint.depth;
    if (entries[i] & kLink) {
      paint_inherited(entries[i] & kNodeMask, paint.group);
    } else {
      store(entries[i], raw(paint.group));
    }
  }
}

void Fib6::Writer::paint_inherited(uint32_t node, GroupId group) {
  if (nodes_[node].inherited == raw(group)) return;
  store(nodes_[node].inherited, raw(group));
  paint_range(entries_of(node), &depths_[node * kNodeSize], kNodeSize, 0, {group, 0});
}

bool Fib6::Writer::take(uint32_t* nodes, unsigned count) {
  reclaim();  // each time, not only when short: a route that flaps must not walk through all the memory
  if (free_.size() + (limit_ - untouched_) < count) return false;
  for (unsigned i = 0; i < count; ++i) {
    if (free_.empty()) {
      nodes[i] = untouched_++;
    } else {
      nodes[i] = free_.back();
      free_.pop_back();
    }
  }
  in_use_ += count;
  return true;
}

void Fib6::Writer::make(uint32_t node, const Address6& address, unsigned byte, uint32_t inherited) {
  // Plain stores here and in copy(): nobody can see this node. ThreadSanitizer reports them if somebody could.
  Node& out = nodes_[node];
  const Address6 prefix = masked(address, 8 * byte);
  for (unsigned i = 0; i < 16; ++i) out.prefix[i] = prefix.byte(i);
  out.inherited = inherited;
  out.prefixes = 0;
  out.children = 0;
  out.byte = static_cast<uint8_t>(byte);
  std::fill_n(entries_of(node), kNodeSize, inherited);
  std::memset(&depths_[node * kNodeSize], 0, kNodeSize);
}

void Fib6::Writer::copy(uint32_t to, uint32_t from) {
  nodes_[to] = nodes_[from];
  std::copy_n(entries_of(from), kNodeSize, entries_of(to));
  std::copy_n(&depths_[from * kNodeSize], kNodeSize, &depths_[to * kNodeSize]);
}

void Fib6::Writer::adopt(uint32_t node, uint32_t child) {
  entries_of(node)[nodes_[child].prefix[nodes_[node].byte]] = link(node, child);
  ++nodes_[node].children;
}

uint32_t Fib6::Writer::link(uint32_t parent, uint32_t child) const {
  const unsigned byte = nodes_[child].byte;
  const unsigned next = parent == kRoot ? kRootBytes : nodes_[parent].byte + 1u;
  return kLink | (byte > next ? kSkips : 0) | byte << kByteShift | child;
}

void Fib6::Writer::retire(uint32_t node) {
  --in_use_;
  waiting_.push(node);
}

size_t Fib6::Writer::reclaim() {
  return waiting_.poll([this](uint32_t node) { free_.push_back(node); });
}

}  // namespace ecmpd::dataplane
