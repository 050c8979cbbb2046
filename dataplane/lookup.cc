#include "dataplane/stages.h"

namespace ecmpd::dataplane {

void lookup(Burst& burst, const ForwardingState& state) {
  state.fib4.lookup_bulk(burst.destination.data(), burst.group.data(), burst.count);
}

void lookup(Burst6& burst, const ForwardingState& state) {
  state.fib6.lookup_bulk(burst.destination.data(), burst.group.data(), burst.count);
}

}  // namespace ecmpd::dataplane
