// A grace period that the test ends by hand: for everything that waits, without threads.
#pragma once

#include <cstdint>

#include "dataplane/grace_period.h"

namespace ecmpd::dataplane {

class ManualGrace final : public GracePeriod {
 public:
  uint64_t start() override { return ++token_; }
  bool passed(uint64_t token) override { return token <= passed_; }
  /// Every reader is quiescent now.
  void elapse() { passed_ = token_; }

 private:
  uint64_t token_ = 0;
  uint64_t passed_ = 0;
};

}  // namespace ecmpd::dataplane
