#include "dataplane/drop_reason.h"

#include <array>

namespace ecmpd::dataplane {

DropReasonText describe(DropReason reason) {
  static constexpr std::array<DropReasonText, kDropReasonCount> kTexts = {{
#define X(enumerator, name, rule) {name, rule},
      ECMPD_DROP_REASONS(X)
#undef X
  }};
  return kTexts[static_cast<size_t>(reason)];
}

}  // namespace ecmpd::dataplane
