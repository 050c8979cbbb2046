// Where a packet goes: from its key to a member, step by step, by the functions that the worker calls.
//
// Immutable; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hash/bucket_table.h"
#include "hash/function.h"
#include "hash/home.h"
#include "hash/key.h"
#include "hash/lab/group_option.h"

namespace ecmpd::hash::lab {

struct Placed {
  PacketKey key;
  uint32_t hash = 0;
  uint32_t buckets = 0;
  uint32_t bucket = 0;             // 0 when nobody is live
  std::optional<uint16_t> member;  // index of a member of the home; none when nobody is live
  uint16_t first_choice = 0;       // who it is when everybody is up
};

class Placing {
 public:
  Placing(const KeyFields& fields, Hasher hasher, Group group);

  const KeyFields& fields() const { return fields_; }
  const Hasher& hasher() const { return hasher_; }
  const Home& home() const { return *group_.home; }
  bool is_live(uint16_t member) const { return group_.live[member]; }

  Placed place(const PacketKey& key) const;
  Placed place(const Tuple& tuple) const { return place(key_from_tuple(tuple, fields_)); }
  /// Nothing when `packet` does not begin with an IP header.
  std::optional<Placed> place(std::span<const uint8_t> packet) const;

  const IpAddress& address(uint16_t member) const { return home().members()[member].address; }
  /// Of the resilient selector: at most `depth` members in the order in which they would own the bucket. Else empty.
  std::vector<std::string> preference(uint32_t bucket, unsigned depth) const;

 private:
  KeyFields fields_;
  Hasher hasher_;
  Group group_;
  BucketTable table_;
  BucketTable all_up_;  // the table when everybody is
};

}  // namespace ecmpd::hash::lab
