#include "control/daemon/counter_history.h"

#include <rte_cycles.h>

#include <utility>

namespace ecmpd::control {

CounterSample sample_counters(const std::vector<const dataplane::WorkerCounters*>& workers, size_t ports) {
  CounterSample out;
  out.at = std::chrono::steady_clock::now();
  out.tsc = rte_rdtsc();
  out.ports.resize(ports);
  for (const dataplane::WorkerCounters* counters : workers) {
    CounterSample::Worker& worker = out.workers.emplace_back();
    worker.bursts = counters->bursts.get();
    worker.injected = counters->injected.get();
    worker.busy_cycles = counters->busy_cycles.get();
    for (size_t i = 0; i < ports; ++i) {
      const dataplane::PortCounters& port = counters->port[i];
      worker.packets += port.rx.packets.get();
      out.ports[i].rx_packets += port.rx.packets.get();
      out.ports[i].rx_bytes += port.rx.bytes.get();
      out.ports[i].tx_packets += port.tx.packets.get();
      out.ports[i].tx_bytes += port.tx.bytes.get();
    }
    for (size_t i = 0; i < out.drops.size(); ++i) out.drops[i] += counters->drops[i].get();
  }
  return out;
}

void CounterHistory::add(CounterSample sample) { older_ = std::exchange(newer_, std::move(sample)); }

const CounterSample* CounterHistory::before(Clock::time_point now) const {
  const auto& oldest = older_ ? older_ : newer_;
  return oldest && now - oldest->at >= kShortest ? &*oldest : nullptr;
}

double per_second(uint64_t before, uint64_t now, std::chrono::steady_clock::duration elapsed) {
  return static_cast<double>(now - before) / std::chrono::duration<double>(elapsed).count();
}

}  // namespace ecmpd::control
