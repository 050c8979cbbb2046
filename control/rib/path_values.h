// What a path's 32-bit value stands for: an attribute set, or an attribute set with a path identifier (RFC 7911).
//
// A path without an identifier costs nothing for those that have one: its value is the id of its attributes. Control
// thread.
#pragma once

#include <cstdint>

#include "control/rib/attribute_table.h"
#include "control/rib/intern_table.h"

namespace ecmpd::control {

class PathValues {
 public:
  using Id = uint32_t;

  explicit PathValues(AttributeTable& attributes) : table_(attributes) {}

  /// `attributes` is held by somebody; the value holds it too. Identifier 0 stands for none.
  Id acquire(AttributeTable::Id attributes, uint32_t path_id) {
    table_.retain(attributes);
    if (path_id == 0) return attributes;
    const Id id = identified_.acquire({attributes, path_id});
    if (identified_.references(id) > 1) table_.release(attributes);  // one reference for all of them
    return id | kIdentified;
  }
  void release(Id id) {
    if ((id & kIdentified) == 0) return table_.release(id);
    const Id index = id & ~kIdentified;
    const AttributeTable::Id attributes = identified_.get(index).attributes;
    if (identified_.references(index) == 1) table_.release(attributes);
    identified_.release(index);
  }
  AttributeTable::Id attributes(Id id) const {
    return (id & kIdentified) == 0 ? id : identified_.get(id & ~kIdentified).attributes;
  }
  uint32_t path_id(Id id) const { return (id & kIdentified) == 0 ? 0 : identified_.get(id & ~kIdentified).path_id; }

 private:
  static constexpr Id kIdentified = 1u << 31;
  struct Identified {
    AttributeTable::Id attributes = 0;
    uint32_t path_id = 0;
    bool operator==(const Identified&) const = default;
  };
  struct Hash {
    size_t operator()(const Identified& one) const {
      return (uint64_t{one.attributes} << 32 | one.path_id) * 0x9e3779b97f4a7c15u >> 16;
    }
  };

  AttributeTable& table_;
  InternTable<Identified, Hash> identified_;
};

}  // namespace ecmpd::control
