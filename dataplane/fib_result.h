// What a FIB says to a new prefix. Control thread.
#pragma once

#include <cstdint>

namespace ecmpd::dataplane {

enum class FibResult : uint8_t {
  kOk,
  kFull,  // nothing changed; while the FIB's reclaim() is not 0 a later try may succeed
};

}  // namespace ecmpd::dataplane
