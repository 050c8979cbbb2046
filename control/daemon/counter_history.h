// What the workers' counters were a moment ago, so that rates can be shown: a rate is the difference of two samples.
//
// The daemon takes a sample every second and keeps the last two; a rate is from the older of them until now, so it
// covers one to two seconds, however often somebody asks. Control thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "dataplane/drop_reason.h"
#include "dataplane/worker.h"

namespace ecmpd::control {

struct CounterSample {
  struct Port {
    uint64_t rx_packets = 0;
    uint64_t rx_bytes = 0;
    uint64_t tx_packets = 0;
    uint64_t tx_bytes = 0;
  };
  struct Worker {
    uint64_t bursts = 0;
    uint64_t packets = 0;   // received
    uint64_t injected = 0;  // originated by the router itself
    uint64_t busy_cycles = 0;
  };
  std::chrono::steady_clock::time_point at;
  uint64_t tsc = 0;
  std::vector<Port> ports;                                    // sums over the workers
  std::array<uint64_t, dataplane::kDropReasonCount> drops{};  // likewise
  std::vector<Worker> workers;
};

/// Now. `ports` is how many there are.
CounterSample sample_counters(const std::vector<const dataplane::WorkerCounters*>& workers, size_t ports);

class CounterHistory {
 public:
  using Clock = std::chrono::steady_clock;
  /// Differences over less than this say nothing.
  static constexpr std::chrono::milliseconds kShortest{200};

  void add(CounterSample sample);
  /// The sample to compare `now` with: the older one that is kept. Null while there is none that is old enough.
  const CounterSample* before(Clock::time_point now) const;

 private:
  std::optional<CounterSample> older_;
  std::optional<CounterSample> newer_;
};

/// (now - before) a second.
double per_second(uint64_t before, uint64_t now, std::chrono::steady_clock::duration elapsed);

}  // namespace ecmpd::control
