#include "dataplane/worker.h"

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include <algorithm>
#include <iterator>

#include "dataplane/rx.h"
#include "dataplane/stages.h"
#include "dataplane/vlan.h"
#include "dataplane/watch.h"

namespace ecmpd::dataplane {

Worker::Worker(const WorkerContext& context, unsigned index, unsigned lcore)
    : context_(context),
      index_(index),
      lcore_(lcore),
      counters_(std::make_unique<WorkerCounters>(context.ports.size(), kMaxCountedAdjacencies)) {
  std::copy_if(context.ports.begin(), context.ports.end(), std::back_inserter(devices_),
               [](const PortFacts* port) { return port->vlan == 0; });
}

void Worker::run() {
  const ForwardingState& state = context_.state;
  WorkerCounters& counters = *counters_;
  IcmpOriginator errors(state, context_.icmp_limits, counters);
  Exits exits(counters, context_.punts, errors);
  Transmitter transmitter(context_.ports, static_cast<uint16_t>(index_), counters, exits);
  IdleBackOff idle(context_.idle);
  Burst burst;
  Burst6 burst6;
  const auto take_through = [&](auto& packets) {
    if (packets.count == 0) return;
    lookup(packets, state);
    select(packets, state);
    rewrite(packets, state, counters, exits);
    tx(packets, transmitter);
  };
  const auto arrive = [&](const PortFacts& port) {
    parse(burst, burst6, port, exits);
    take_through(burst);
    take_through(burst6);
  };

  context_.rcu.online(index_);
  while (!stop_.load(std::memory_order_relaxed)) {
    const uint64_t start = rte_rdtsc();
    burst.recorder = burst6.recorder = recorder_of(state, index_);  // null, unless somebody traces or captures
    exits.record(burst.recorder);
    unsigned packets = 0;
    for (const PortFacts* port : devices_) {
      packets += rx(burst, *port, index_, counters);
      if (burst.count == 0) continue;
      if (port->vlans == nullptr) {
        arrive(*port);
        continue;
      }
      VlanSort sorted(burst, *port, counters);
      while (const PortFacts* own = sorted.next(burst)) arrive(*own);
    }
    if (index_ == 0) {
      packets += inject(burst, burst6, context_.punts, transmitter, counters, exits);
      take_through(burst);
      take_through(burst6);
    }
    errors.take(burst, burst6);  // about packets of this round
    take_through(burst);
    take_through(burst6);
    errors.take_complete(burst6);
    tx(burst6, transmitter);
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
