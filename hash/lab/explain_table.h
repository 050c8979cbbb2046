// What `ecmplab explain` answers, with the words and JSON keys of `ecmpctl explain`. Main thread.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "hash/lab/capture_file.h"
#include "hash/lab/output.h"
#include "hash/lab/placing.h"

namespace ecmpd::hash::lab {

/// One flow or packet, all steps.
Table table_of(const Placing& placing, const Placed& placed, const Tuple& tuple);

/// Source ports, and where they go.
Table table_of_ports(const Placing& placing, const std::vector<std::pair<uint16_t, Placed>>& ports);

/// The frames of a capture, a line each.
class FrameTable {
 public:
  /// `placed` is empty when the frame holds no IP packet.
  void add(const Placing& placing, const CapturedFrame& frame, const std::optional<Placed>& placed);
  /// `warning` is about the capture; empty: none.
  Table take(const std::string& warning);

 private:
  std::vector<Row> rows_;
};

}  // namespace ecmpd::hash::lab
