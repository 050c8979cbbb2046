// The writer's own record of the prefixes in a FIB: exact match by (address, length). Control thread only.
//
// The lookup tables alone cannot say which prefixes they were painted from, so whoever removes a prefix asks here what
// covers it. One open-addressing table per length, at most half full (with 3/4 installing a route took 1.2 times as
// long): 8 bytes a slot for IPv4, 24 bytes for IPv6; an IPv4 FIB keeps its /32s elsewhere (fib4_writer.h). The eight
// prefixes that differ in their last three bits are at home side by side: runs of neighbors are the usual case, and a
// large table lies in no cache. `Address` has the address's bits in host byte order, as uint32_t or Address6 has them.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "dataplane/ids.h"

namespace ecmpd::dataplane {

// What the record asks of an address. fib6_address.h has the same for IPv6.
inline uint32_t masked(uint32_t address, unsigned length) {
  return length == 0 ? 0 : address & (UINT32_MAX << (32 - length));
}
/// Multiplicative: the upper bits are the good ones, and prefixes differ in their upper bits.
inline uint64_t spread(uint32_t address) { return address * uint64_t{0x9e3779b97f4a7c15}; }
/// The first `length` bits as a number, or its lower bits; not for length 0.
inline uint64_t network_number(uint32_t address, unsigned length) { return address >> (32 - length); }

template <typename Address, unsigned kBits>
class FibRecord {
 public:
  /// Bits of `address` beyond `length` are ignored, so any address inside the prefix will do.
  std::optional<GroupId> find(const Address& address, unsigned length) const;
  /// Adds or replaces. True if it was not there before.
  bool set(const Address& address, unsigned length, GroupId group);
  bool erase(const Address& address, unsigned length);
  size_t size() const { return size_; }

 private:
  static constexpr unsigned kRunBits = 3;
  static constexpr uint32_t kFree = UINT32_MAX;  // no GroupId: those have 31 bits
  struct Slot {
    Address address{};
    uint32_t group = kFree;
  };
  struct Table {
    std::vector<Slot> slots;  // a power of two, or empty
    size_t used = 0;

    size_t home(const Address& address, unsigned length) const;
    /// The slot that holds the address, or the free one where it would go. Only if slots is not empty.
    size_t probe(const Address& address, unsigned length) const;
    void grow(unsigned length);
  };
  std::array<Table, kBits + 1> tables_;
  size_t size_ = 0;
};

template <typename Address, unsigned kBits>
size_t FibRecord<Address, kBits>::Table::home(const Address& address, unsigned length) const {
  const int shift = 64 - std::countr_zero(slots.size());
  if (length < kRunBits) return spread(address) >> shift;
  const size_t place = network_number(address, length) & ((1u << kRunBits) - 1);
  return ((spread(masked(address, length - kRunBits)) >> shift) + place) & (slots.size() - 1);
}

template <typename Address, unsigned kBits>
size_t FibRecord<Address, kBits>::Table::probe(const Address& address, unsigned length) const {
  size_t at = home(address, length);
  while (slots[at].group != kFree && slots[at].address != address) at = (at + 1) & (slots.size() - 1);
  return at;
}

template <typename Address, unsigned kBits>
void FibRecord<Address, kBits>::Table::grow(unsigned length) {
  const std::vector<Slot> old = std::exchange(slots, std::vector<Slot>(slots.empty() ? 16 : slots.size() * 2));
  for (const Slot& slot : old) {
    if (slot.group != kFree) slots[probe(slot.address, length)] = slot;
  }
}

template <typename Address, unsigned kBits>
std::optional<GroupId> FibRecord<Address, kBits>::find(const Address& address, unsigned length) const {
  const Table& table = tables_[length];
  if (table.used == 0) return std::nullopt;
  const Slot& slot = table.slots[table.probe(masked(address, length), length)];
  if (slot.group == kFree) return std::nullopt;
  return GroupId{slot.group};
}

template <typename Address, unsigned kBits>
bool FibRecord<Address, kBits>::set(const Address& address, unsigned length, GroupId group) {
  Table& table = tables_[length];
  if ((table.used + 1) * 2 > table.slots.size()) table.grow(length);
  Slot& slot = table.slots[table.probe(masked(address, length), length)];
  const bool added = slot.group == kFree;
  slot = {masked(address, length), raw(group)};
  table.used += added;
  size_ += added;
  return added;
}

template <typename Address, unsigned kBits>
bool FibRecord<Address, kBits>::erase(const Address& address, unsigned length) {
  Table& table = tables_[length];
  if (table.used == 0) return false;
  const size_t mask = table.slots.size() - 1;
  size_t hole = table.probe(masked(address, length), length);
  if (table.slots[hole].group == kFree) return false;
  // Close the gap instead of leaving a tombstone: routes that flap for years must not slow the table down.
  for (size_t at = (hole + 1) & mask; table.slots[at].group != kFree; at = (at + 1) & mask) {
    const size_t home = table.home(table.slots[at].address, length);
    if (((at - home) & mask) >= ((at - hole) & mask)) {
      table.slots[hole] = table.slots[at];
      hole = at;
    }
  }
  table.slots[hole] = {};
  --table.used;
  --size_;
  return true;
}

}  // namespace ecmpd::dataplane
