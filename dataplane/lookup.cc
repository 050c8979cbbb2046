#include "dataplane/stages.h"

namespace ecmpd::dataplane {

void lookup(Burst& burst, const Fib4& fib) {
  fib.lookup_bulk(burst.destination.data(), burst.group.data(), burst.count);
}

}  // namespace ecmpd::dataplane
