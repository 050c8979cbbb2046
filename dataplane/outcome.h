// What parse decides about one packet: it goes on, is punted, or is dropped for a reason.
//
// Worker only; values.
#pragma once

#include <cstdint>

#include "dataplane/drop_reason.h"

namespace ecmpd::dataplane {

enum class Verdict : uint8_t { kContinue, kNeighborDiscovery, kLocal, kDrop };

struct Outcome {
  Verdict verdict = Verdict::kContinue;
  DropReason reason{};
};

constexpr Outcome drop(DropReason reason) { return {Verdict::kDrop, reason}; }

}  // namespace ecmpd::dataplane
