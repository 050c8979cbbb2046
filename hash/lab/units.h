// Units: what a hash function places on members as one piece.
//
// All flows with one key are one unit, since no function can part them: two clients are two units under a key of
// addresses alone, however many connections they open. Tests of the function look at units; evenness of flows and bytes
// weighs them. Keys are in order of first appearance. Values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "hash/key.h"
#include "hash/lab/workload.h"

namespace ecmpd::hash::lab {

struct Units {
  std::vector<Key4> keys4;
  std::vector<Key6> keys6;
  // Of each of keys4, then of each of keys6.
  std::vector<uint64_t> flows;
  std::vector<uint64_t> bytes;

  uint64_t frames = 0;      // of a capture
  uint64_t without_ip = 0;  // of these
  std::string warning{};    // about the capture; empty: none

  size_t size() const { return keys4.size() + keys6.size(); }
};

/// Collects flows into units; keys must come masked, as the functions of hash/key.h make them.
class UnitCollector {
 public:
  explicit UnitCollector(size_t flows_expected);
  /// True if the key is a new one.
  bool add(const PacketKey& key, uint64_t flows, uint64_t bytes);
  /// The units; nothing is left here.
  Units take();

 private:
  template <typename Key>
  struct Part {
    std::vector<Key> keys;
    std::vector<uint64_t> flows;
    std::vector<uint64_t> bytes;
    std::vector<uint32_t> slots;  // 1 + place in keys, 0: empty; a power of two of them, open addressing
    void reserve(size_t count);
    void grow();
    size_t slot_of(const Key& key) const;
    bool add(const Key& key, uint64_t new_flows, uint64_t new_bytes);
  };
  Part<Key4> part4_;
  Part<Key6> part6_;
};

/// The units of a capture, with the bytes that were on the wire. Packets with one 5-tuple are one flow. The error names
/// the file; a file without any IP packet is an error, too.
tl::expected<Units, std::string> capture_units(const std::string& path, const KeyFields& fields);

/// The units of `flows` flows of a generated workload.
Units make_units(const Workload& workload, uint32_t flows, const KeyFields& fields, uint64_t seed);

}  // namespace ecmpd::hash::lab
