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

namespace {

// With so few ports a burst is sent before the next one is taken, for which it leaves the L1 cache: half a cycle less a
// packet between two devices (ecmpbench forward --egress 2). With eight, whose drivers would be called for 8 packets at
// a time, it is half a cycle more.
constexpr size_t kFewPorts = 2;

}  // namespace

Worker::Worker(const WorkerContext& context, unsigned index, unsigned lcore)
    : context_(context),
      index_(index),
      lcore_(lcore),
      sends_each_burst_(context.ports.size() <= kFewPorts),
      counters_(std::make_unique<WorkerCounters>(context.ports.size(), kMaxCountedAdjacencies)),
      errors_(context.state, context.icmp_limits, *counters_),
      exits_(*counters_, context.punts, errors_),
      transmitter_(context.ports, static_cast<uint16_t>(index), *counters_, exits_) {
  std::copy_if(context.ports.begin(), context.ports.end(), std::back_inserter(devices_),
               [](const PortFacts* port) { return port->vlan == 0; });
}

template <typename AnyBurst>
void Worker::take_through(AnyBurst& packets) {
  if (packets.count == 0) return;
  lookup(packets, context_.state);
  select(packets, context_.state);
  rewrite(packets, context_.state, *counters_, exits_, transmitter_);
}

void Worker::arrive(const PortFacts& port) {
  parse(burst_, burst6_, port, exits_);
  take_through(burst_);
  take_through(burst6_);
}

unsigned Worker::round() {
  const uint64_t start = rte_rdtsc();
  WorkerCounters& counters = *counters_;
  burst_.recorder = burst6_.recorder = recorder_of(context_.state, index_);  // null, unless somebody traces or captures
  exits_.record(burst_.recorder);
  unsigned packets = 0;
  for (const PortFacts* port : devices_) {
    packets += rx(burst_, *port, index_, counters);
    if (burst_.count == 0) continue;
    if (port->vlans == nullptr) {
      arrive(*port);
      if (sends_each_burst_) tx(transmitter_);
      // Summed by parse, which looks at every mbuf anyway: a loop in rx took about a cycle a packet.
      counters.port[raw(port->index)].rx.bytes.add(burst_.bytes);
      continue;
    }
    VlanSort sorted(burst_, *port, counters);
    while (const PortFacts* own = sorted.next(burst_)) arrive(*own);
  }
  if (index_ == 0) {
    packets += inject(burst_, burst6_, context_.punts, transmitter_, counters, exits_);
    take_through(burst_);
    take_through(burst6_);
  }
  errors_.take(burst_, burst6_);  // about packets of this round
  take_through(burst_);
  take_through(burst6_);
  errors_.take_complete(burst6_);
  transmitter_.put({burst6_.mbuf.data(), burst6_.count});
  tx(transmitter_);
  context_.rcu.quiescent(index_);

  counters.polls.add(1);
  if (packets != 0) {
    counters.busy_polls.add(1);
    counters.busy_cycles.add(rte_rdtsc() - start);
  }
  return packets;
}

void Worker::run() {
  IdleBackOff idle(context_.idle);
  context_.rcu.online(index_);
  while (!stop_.load(std::memory_order_relaxed)) {
    if (round() != 0) {
      idle.busy();
    } else if (idle.should_sleep()) {
      context_.rcu.offline(index_);
      idle.sleep();
      context_.rcu.online(index_);
      counters_->sleeps.add(1);
    }
  }
  context_.rcu.offline(index_);
}

}  // namespace ecmpd::dataplane
