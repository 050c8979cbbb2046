#include "dataplane/worker.h"

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include "dataplane/rx.h"
#include "dataplane/stages.h"

namespace ecmpd::dataplane {

Worker::Worker(const WorkerContext& context, unsigned index, unsigned lcore)
    : context_(context),
      index_(index),
      lcore_(lcore),
      counters_(std::make_unique<WorkerCounters>(context.ports.size(), kMaxCountedAdjacencies)) {}

void Worker::run() {
  const ForwardingState& state = context_.state;
  WorkerCounters& counters = *counters_;
  IcmpOriginator errors(state, context_.icmp_limits, counters);
  Exits exits(counters, context_.punts, errors);
  Transmitter transmitter(context_.ports, static_cast<uint16_t>(index_), counters, exits);
  IdleBackOff idle(context_.idle);
  Burst burst;

  context_.rcu.online(index_);
  while (!stop_.load(std::memory_order_relaxed)) {
    const uint64_t start = rte_rdtsc();
    unsigned packets = 0;
    for (const PortFacts* port : context_.ports) {
      packets += rx(burst, *port, index_, counters);
      if (burst.count == 0) continue;
      parse(burst, *port, exits);
      lookup(burst, state.fib4);
      select(burst, state);
      rewrite(burst, state, counters, exits);
      tx(burst, transmitter);
    }
    if (index_ == 0) packets += inject(context_.punts, transmitter, counters, exits);
    if (errors.take(burst) != 0) {  // ICMP errors about packets of this round: they begin at lookup
      lookup(burst, state.fib4);
      select(burst, state);
      rewrite(burst, state, counters, exits);
      tx(burst, transmitter);
    }
    transmitter.flush();
    context_.rcu.quiescent(index_);

    counters.polls.add(1);
    if (packets != 0) {
      counters.busy_polls.add(1);
      counters.busy_cycles.add(rte_rdtsc() - start);
      idle.busy();
    } else if (idle.should_sleep()) {
      context_.rcu.offline(index_);
      idle.sleep();
      context_.rcu.online(index_);
      counters.sleeps.add(1);
    }
  }
  context_.rcu.offline(index_);
}

}  // namespace ecmpd::dataplane
