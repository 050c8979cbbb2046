// A packet case: why, the frame that comes in, and what becomes of it.
#pragma once

#include <optional>
#include <vector>

#include "tests/dataplane/stage_harness.h"

namespace ecmpd::dataplane::test {

struct Out {
  std::optional<DropReason> dropped;
  std::optional<PuntClass> punted;
  bool sent = false;
};
inline Out drop_as(DropReason reason) { return {.dropped = reason, .punted = {}}; }
inline Out punt(PuntClass punt_class) { return {.dropped = {}, .punted = punt_class}; }
inline Out send() { return {.dropped = {}, .punted = {}, .sent = true}; }

struct Case {
  const char* why;
  Bytes in;
  Out out;
};

/// Takes each case through the stages by itself; afterwards every frame is accounted for.
void run_cases(const std::vector<Case>& cases);

}  // namespace ecmpd::dataplane::test
