// The first stage, and its counterpart for packets that the router itself originates.
//
// Worker only.
#pragma once

#include "dataplane/burst.h"
#include "dataplane/counters.h"
#include "dataplane/port.h"
#include "dataplane/punt.h"
#include "dataplane/tx.h"

namespace ecmpd::dataplane {

/// Receives up to kBurst packets of one queue into an empty burst; returns how many. Counts them, unless the port is a
/// trunk; their bytes are counted when parse has summed them.
unsigned rx(Burst& burst, const PortFacts& port, unsigned queue, WorkerCounters& counters);

/// Frames from control, as they are, to the ports that they name; what control gives up is dropped. Returns how many.
/// Packets that have to find their way fill the bursts, which are empty before.
unsigned inject(Burst& burst, Burst6& burst6, PuntRing& punts, Transmitter& transmitter, WorkerCounters& counters,
                Exits& exits);

}  // namespace ecmpd::dataplane
