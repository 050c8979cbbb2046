// AttributeTable: interned path attributes with what the decision needs of them, worked out once.
//
// A route holds a 4-byte id. Whether a nexthop is usable depends on our interfaces: revalidate() when they change.
// Control thread.
#pragma once

#include <cstdint>
#include <vector>

#include "control/bgp/attributes.h"
#include "control/rib/connected.h"
#include "control/rib/intern_table.h"
#include "control/rib/recursive_nexthops.h"

namespace ecmpd::control {

struct AttributesHash {
  size_t operator()(const bgp::PathAttributes& attributes) const;
};

class AttributeTable {
 public:
  using Id = uint32_t;

  /// What follows from the attributes alone, our ASN and our interfaces.
  struct Facts {
    unsigned as_path_length = 0;
    uint32_t neighbor_as = 0;
    bool own_as_in_path = false;  // RFC 4271 section 9.1.2: a loop, not eligible
    NexthopVerdict nexthop = NexthopVerdict::kUnreachable;
  };

  /// Tells `recursive` of nexthops in none of our subnets.
  AttributeTable(uint32_t own_asn, const Connected& connected, RecursiveNexthops& recursive)
      : own_asn_(own_asn), connected_(connected), recursive_(recursive) {}

  Id acquire(const bgp::PathAttributes& attributes);
  void retain(Id id) { table_.retain(id); }
  void release(Id id) {
    if (table_.references(id) == 1 && facts_[id].nexthop == NexthopVerdict::kUnreachable) {
      recursive_.unuse(table_.get(id).next_hop);
    }
    table_.release(id);
  }
  const bgp::PathAttributes& get(Id id) const { return table_.get(id); }
  const Facts& facts(Id id) const { return facts_[id]; }
  size_t size() const { return table_.size(); }

  /// After a change of interfaces: checks every nexthop again.
  void revalidate();

 private:
  Facts facts_of(const bgp::PathAttributes& attributes) const;
  void check_nexthop(Id id, NexthopVerdict before);

  uint32_t own_asn_;
  const Connected& connected_;
  RecursiveNexthops& recursive_;
  InternTable<bgp::PathAttributes, AttributesHash> table_;
  std::vector<Facts> facts_;  // by id
};

}  // namespace ecmpd::control
