// The control thread of a stress test: does what the script says through the real Publisher, as fast as it can.
//
// One thread. An adjacency's MAC addresses say which of the script's it is and which change wrote it (ChurnTag).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dataplane/publisher.h"
#include "tests/dataplane/churn_script.h"

namespace ecmpd::dataplane {

/// Both addresses in a row, as they begin a frame.
using MacPair = std::array<uint8_t, 12>;

inline constexpr uint16_t kChurnPorts = 4;
inline PortIndex churn_port(uint16_t adjacency) { return PortIndex{static_cast<uint16_t>(adjacency % kChurnPorts)}; }
Adjacency write_tag(const ChurnScript::Sent& content, bool drops);
/// Nothing when the bytes are no adjacency's, or those of two.
std::optional<ChurnScript::Sent> read_tag(const MacPair& macs);

struct ChurnCounts {
  uint64_t routes = 0;  // added, replaced or removed
  uint64_t groups = 0;  // added, replaced or removed
  uint64_t adjacencies = 0;
  uint64_t settings = 0;
};

class ChurnWriter {
 public:
  /// Publishes the script's first state.
  ChurnWriter(const ChurnScript& script, Publisher& publisher);

  void apply(uint64_t number);
  /// Between two changes: frees what may be freed, and waits when too much waits for readers.
  void clean_up();
  const ChurnCounts& counts() const { return counts_; }

 private:
  void set_route(uint16_t prefix, uint16_t group, uint64_t number);
  void retarget(uint16_t prefix, GroupId group);
  void move(uint16_t group);
  GroupId create(uint16_t group);
  std::vector<AdjacencyId> buckets(uint16_t table) const;

  const ChurnScript& script_;
  Publisher& publisher_;
  std::vector<uint16_t> route_;           // by prefix: its group
  std::vector<uint16_t> table_;           // by group
  std::vector<GroupId> groups_;           // by the script's number, if it exists
  std::vector<AdjacencyId> adjacencies_;  // likewise
  ChurnCounts counts_;
};

}  // namespace ecmpd::dataplane
