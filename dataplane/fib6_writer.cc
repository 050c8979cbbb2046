#include "dataplane/fib6_writer.h"

#include <algorithm>
#include <cassert>

namespace ecmpd::dataplane {

namespace {
constexpr unsigned kRootBits = 16;
constexpr size_t kRootSize = size_t{1} << kRootBits;
// Nodes from the root to one that decides by the last byte, and a leaf.
constexpr size_t kLongestPath = 15;

void store(uint32_t& entry, uint32_t value) { __atomic_store_n(&entry, value, __ATOMIC_RELEASE); }
/// The byte by which the node decides where prefixes of this length end.
unsigned deciding_byte(unsigned length) { return (length - 1) / 8; }
}  // namespace

Fib6::Writer::Writer(GracePeriod& grace, uint32_t capacity)
    : capacity_(capacity),
      root_(kRootSize),
      root_depths_(kRootSize),
      entries_((size_t{capacity} + 1) * kNodeSize),
      depths_((size_t{capacity} + 1) * kNodeSize),
      nodes_(size_t{capacity} * 2 + 2),
      node_pool_(grace, 1, capacity + 1),
      leaf_pool_(grace, capacity + 1, capacity * 2 + 2) {
  assert(capacity <= kMaxCapacity);
}

void Fib6::Writer::reserve(uint32_t nodes) {
  nodes = std::min(nodes, capacity_);
  entries_.touch((size_t{nodes} + 1) * kNodeSize);
  depths_.touch((size_t{nodes} + 1) * kNodeSize);
  nodes_.touch(1, nodes);
  nodes_.touch(capacity_ + 1, nodes);
}

FibResult Fib6::Writer::set(const Address6& address, unsigned length, GroupId group) {
  assert(!(raw(group) & kLink));
  const auto known = record_.find(address, length);
  if (known == group) return FibResult::kOk;
  if (length <= kRootBits) {
    paint_root(address, length, {group, static_cast<uint8_t>(length)});
    record_.set(address, length, group);
    return FibResult::kOk;
  }
  const Route route{address, length, group};
  const unsigned byte = deciding_byte(length);
  Place at = root_place(address);
  while (*at.entry & kLink) {
    const uint32_t index = at.index();
    if (is_leaf(index)) {
      if (!known || nodes_[index].bits != length) break;
      store(nodes_[index].group, raw(group));
      record_.set(address, length, group);
      return FibResult::kOk;
    }
    if (byte_of(index) > byte || common_bytes(address, prefix(index)) < byte_of(index)) break;
    if (byte_of(index) == byte) {
      paint(index, route);
      nodes_[index].prefixes += record_.set(address, length, group);
      return FibResult::kOk;
    }
    at = place(index, address);
  }
  return insert(at, route);
}

FibResult Fib6::Writer::insert(const Place& at, const Route& route) {
  if (*at.entry & kLink) return insert_above(at, route);
  if (!leaf_pool_.has(1)) return FibResult::kFull;
  publish(at, make_leaf(route, *at.entry));
  if (at.node != kRoot) ++nodes_[at.node].children;
  record_.set(route.address, route.length, route.group);
  return FibResult::kOk;
}

// Puts a node above what `at` links to, where that and the new prefix part.
FibResult Fib6::Writer::insert_above(const Place& at, const Route& route) {
  const uint32_t old = at.index();
  const Node& below = nodes_[old];
  const bool leaf = is_leaf(old);
  const unsigned byte = deciding_byte(route.length);
  const unsigned old_byte = leaf ? deciding_byte(below.bits) : byte_of(old);
  const unsigned fork = std::min({byte, old_byte, common_bytes(route.address, prefix(old))});
  const bool old_ends = leaf && old_byte == fork;  // the leaf's prefix ends in the new node
  const bool ends = byte == fork;                  // the new prefix does
  if (!node_pool_.has(1 + !leaf) || !leaf_pool_.has((leaf && !old_ends) + !ends)) return FibResult::kFull;

  const uint32_t node = make_node(route.address, fork, below.inherited);
  if (old_ends) {
    paint(node, {prefix(old), below.bits, GroupId{below.group}});
    ++nodes_[node].prefixes;
  } else {
    adopt(node, make_copy(old));
  }
  if (ends) {
    paint(node, route);
    ++nodes_[node].prefixes;
  } else {
    adopt(node, make_leaf(route, below.inherited));
  }
  publish(at, node);
  retire(old);
  record_.set(route.address, route.length, route.group);
  return FibResult::kOk;
}

bool Fib6::Writer::remove(const Address6& address, unsigned length) {
  if (!record_.erase(address, length)) return false;
  if (length <= kRootBits) {
    paint_root(address, length, cover_at_root(address, length));
    return true;
  }
  Place path[kLongestPath];
  size_t nodes = 0;
  for (Place at = root_place(address);; at = place(at.index(), address)) {
    const uint32_t index = at.index();
    if (is_leaf(index)) {
      store(*at.entry, nodes_[index].inherited);
      retire(index);
      if (at.node != kRoot) --nodes_[at.node].children;
      break;
    }
    path[nodes++] = at;
    if (byte_of(index) < deciding_byte(length)) continue;
    paint(index, address, length, cover(index, address, length));
    --nodes_[index].prefixes;
    break;
  }
  tidy(path, nodes);
  return true;
}

void Fib6::Writer::tidy(const Place* path, size_t nodes) {
  for (; nodes > 0; --nodes) {
    const Place& at = path[nodes - 1];
    const uint32_t node = at.index();
    if (nodes_[node].prefixes + nodes_[node].children > 1) return;
    if (nodes_[node].children == 1) return collapse(at);
    if (nodes_[node].prefixes == 1) return replace_by_leaf(at);
    // Its entries already equal the inherited group. A reader that stands in it reads the answer of the moment of the
    // unlink, which lies within its lookup, whatever happens to the prefixes around it later.
    store(*at.entry, nodes_[node].inherited);
    retire(node);
    if (at.node != kRoot) --nodes_[at.node].children;
  }
}

// The next two give up without a free node or leaf: one that is not needed gives the same answers.

// Takes out a node that has no prefix and one child.
void Fib6::Writer::collapse(const Place& at) {
  const uint32_t node = at.index();
  const uint32_t* const entries = entries_of(node);
  const uint32_t child = *std::find_if(entries, entries + kNodeSize, [](uint32_t e) { return e & kLink; }) & kIndexMask;
  if (!pool(child).has(1)) return;
  publish(at, make_copy(child));
  retire(node);
  retire(child);
}

// Takes out a node that has one prefix and no child.
void Fib6::Writer::replace_by_leaf(const Place& at) {
  if (!leaf_pool_.has(1)) return;
  const uint32_t node = at.index();
  const uint8_t* const depths = depths_of(node);
  const auto first = std::find_if(depths, depths + kNodeSize, [](uint8_t depth) { return depth != 0; }) - depths;
  uint8_t address[16];
  std::copy_n(nodes_[node].prefix, 16, address);
  address[byte_of(node)] = static_cast<uint8_t>(first);
  const GroupId group{entries_of(node)[first]};
  publish(at,
          make_leaf({Address6::from(address), nodes_[node].bits + 0u + depths[first], group}, nodes_[node].inherited));
  retire(node);
}

void Fib6::Writer::publish(const Place& at, uint32_t index) { store(*at.entry, link(at.node, index)); }

uint32_t Fib6::Writer::make_leaf(const Route& route, uint32_t inherited) {
  const uint32_t leaf = leaf_pool_.take();
  make(leaf, route.address, route.length, inherited);
  nodes_[leaf].group = raw(route.group);
  return leaf;
}

uint32_t Fib6::Writer::make_node(const Address6& address, unsigned byte, uint32_t inherited) {
  const uint32_t node = node_pool_.take();
  make(node, address, 8 * byte, inherited);
  std::fill_n(entries_of(node), kNodeSize, inherited);
  std::fill_n(depths_of(node), kNodeSize, uint8_t{0});
  return node;
}

void Fib6::Writer::make(uint32_t index, const Address6& address, unsigned bits, uint32_t inherited) {
  // Plain stores: nobody can see it. ThreadSanitizer reports them if somebody could.
  Node& out = nodes_[index];
  masked(address, bits).to(out.prefix);
  masked({UINT64_MAX, UINT64_MAX}, bits).to(out.mask);
  out.inherited = inherited;
  out.prefixes = 0;
  out.children = 0;
  out.bits = static_cast<uint8_t>(bits);
}

uint32_t Fib6::Writer::make_copy(uint32_t index) {
  const uint32_t copy = pool(index).take();
  nodes_[copy] = nodes_[index];
  if (is_leaf(index)) return copy;
  std::copy_n(entries_of(index), kNodeSize, entries_of(copy));
  std::copy_n(depths_of(index), kNodeSize, depths_of(copy));
  return copy;
}

void Fib6::Writer::adopt(uint32_t node, uint32_t child) {
  uint32_t& entry = entries_of(node)[nodes_[child].prefix[byte_of(node)]];
  paint_inherited(child, GroupId{entry});
  entry = link(node, child);
  ++nodes_[node].children;
}

uint32_t Fib6::Writer::link(uint32_t parent, uint32_t child) const {
  if (is_leaf(child)) return kLink | kSkips | child;
  const unsigned next = parent == kRoot ? kRootBits / 8 : byte_of(parent) + 1;
  const unsigned byte = byte_of(child);
  return kLink | (byte > next ? kSkips : 0) | byte << kByteShift | child;
}

Fib6::Writer::Paint Fib6::Writer::cover_at_root(const Address6& address, unsigned length) const {
  while (length-- > 0) {
    if (const auto group = record_.find(address, length)) return {*group, static_cast<uint8_t>(length)};
  }
  return {kNoRoute, 0};
}

Fib6::Writer::Paint Fib6::Writer::cover(uint32_t node, const Address6& address, unsigned length) const {
  while (--length > nodes_[node].bits) {
    if (const auto group = record_.find(address, length)) {
      return {*group, static_cast<uint8_t>(length - nodes_[node].bits)};
    }
  }
  return {GroupId{nodes_[node].inherited}, 0};
}

void Fib6::Writer::paint_root(const Address6& address, unsigned length, Paint paint) {
  const size_t first = masked(address, length).high >> 48;
  paint_range(&root_[first], &root_depths_[first], kRootSize >> length, length, paint);
}

void Fib6::Writer::paint(uint32_t node, const Address6& address, unsigned length, Paint paint) {
  const unsigned depth = length - nodes_[node].bits;
  const size_t first = masked(address, length).byte(byte_of(node));
  paint_range(entries_of(node) + first, depths_of(node) + first, kNodeSize >> depth, depth, paint);
}

void Fib6::Writer::paint(uint32_t node, const Route& route) {
  const auto depth = static_cast<uint8_t>(route.length - nodes_[node].bits);
  paint(node, route.address, route.length, {route.group, depth});
}

void Fib6::Writer::paint_range(uint32_t* entries, uint8_t* depths, size_t count, unsigned depth, Paint paint) {
  for (size_t i = 0; i < count; ++i) {
    // Depths below `depth` occur when a prefix is new, equal ones when it is replaced or removed.
    if (depths[i] > depth) continue;
    depths[i] = paint.depth;
    if (entries[i] & kLink) {
      paint_inherited(entries[i] & kIndexMask, paint.group);
    } else {
      store(entries[i], raw(paint.group));
    }
  }
}

void Fib6::Writer::paint_inherited(uint32_t index, GroupId group) {
  if (nodes_[index].inherited == raw(group)) return;
  store(nodes_[index].inherited, raw(group));
  if (is_leaf(index)) return;
  paint_range(entries_of(index), depths_of(index), kNodeSize, 0, {group, 0});
}

}  // namespace ecmpd::dataplane
