#include "dataplane/fib4_record.h"

#include <bit>
#include <utility>

namespace ecmpd::dataplane {

namespace {
uint32_t masked(uint32_t address, unsigned length) { return length == 0 ? 0 : address & (UINT32_MAX << (32 - length)); }
}  // namespace

size_t Fib4Record::Table::home(uint32_t address) const {
  // Multiplicative hashing takes the top bits: prefixes differ in their top bits, and runs of them spread evenly.
  const unsigned bits = static_cast<unsigned>(std::countr_zero(slots.size()));
  return (address * uint64_t{0x9e3779b97f4a7c15}) >> (64 - bits);
}

size_t Fib4Record::Table::probe(uint32_t address) const {
  size_t at = home(address);
  while (slots[at].group != kFree && slots[at].address != address) at = (at + 1) & (slots.size() - 1);
  return at;
}

void Fib4Record::Table::grow() {
  const std::vector<Slot> old = std::exchange(slots, std::vector<Slot>(slots.empty() ? 16 : slots.size() * 2));
  for (const Slot& slot : old) {
    if (slot.group != kFree) slots[probe(slot.address)] = slot;
  }
}

std::optional<GroupId> Fib4Record::find(uint32_t address, unsigned length) const {
  const Table& table = tables_[length];
  if (table.used == 0) return std::nullopt;
  const Slot& slot = table.slots[table.probe(masked(address, length))];
  if (slot.group == kFree) return std::nullopt;
  return GroupId{slot.group};
}

bool Fib4Record::set(uint32_t address, unsigned length, GroupId group) {
  Table& table = tables_[length];
  if ((table.used + 1) * 4 > table.slots.size() * 3) table.grow();
  Slot& slot = table.slots[table.probe(masked(address, length))];
  const bool added = slot.group == kFree;
  slot = {masked(address, length), raw(group)};
  table.used += added;
  size_ += added;
  return added;
}

bool Fib4Record::erase(uint32_t address, unsigned length) {
  Table& table = tables_[length];
  if (table.used == 0) return false;
  const size_t mask = table.slots.size() - 1;
  size_t hole = table.probe(masked(address, length));
  if (table.slots[hole].group == kFree) return false;
  // Close the gap instead of leaving a tombstone: routes that flap for years must not slow the table down.
  for (size_t at = (hole + 1) & mask; table.slots[at].group != kFree; at = (at + 1) & mask) {
    const size_t home = table.home(table.slots[at].address);
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
