// When may memory that readers could still see be freed or written again?
//
// The writer (control thread) takes a token after it has unlinked something; once passed(token) is true no reader can
// hold a reference any more. Implemented over rte_rcu_qsbr by dataplane/rcu.h, and by hand in tests.
#pragma once

#include <cstdint>

namespace ecmpd::dataplane {

class GracePeriod {
 public:
  virtual ~GracePeriod() = default;
  /// Begins a grace period; never blocks.
  virtual uint64_t start() = 0;
  /// True once every reader has been quiescent since the token was taken; never blocks.
  virtual bool passed(uint64_t token) = 0;
};

}  // namespace ecmpd::dataplane
