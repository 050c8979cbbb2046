// The writer's own record of the prefixes in the IPv4 FIB: exact match by (address, length). Control thread only.
//
// The lookup tables alone cannot say which prefixes they were painted from, so whoever removes a prefix asks here what
// covers it. One open-addressing table per length, 8 bytes a slot, at most 3/4 full; a million /32s take 16 MiB.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "dataplane/ids.h"

namespace ecmpd::dataplane {

class Fib4Record {
 public:
  static constexpr unsigned kLengths = 33;

  /// `address` in host byte order; bits beyond `length` are ignored, so any address inside the prefix will do.
  std::optional<GroupId> find(uint32_t address, unsigned length) const;
  /// Adds or replaces. True if it was not there before.
  bool set(uint32_t address, unsigned length, GroupId group);
  bool erase(uint32_t address, unsigned length);
  size_t size() const { return size_; }

 private:
  static constexpr uint32_t kFree = UINT32_MAX;  // no GroupId: those have 31 bits
  struct Slot {
    uint32_t address = 0;
    uint32_t group = kFree;
  };
  struct Table {
    std::vector<Slot> slots;  // a power of two, or empty
    size_t used = 0;

    size_t home(uint32_t address) const;
    /// The slot that holds the address, or the free one where it would go. Only if slots is not empty.
    size_t probe(uint32_t address) const;
    void grow();
  };
  std::array<Table, kLengths> tables_;
  size_t size_ = 0;
};

}  // namespace ecmpd::dataplane
