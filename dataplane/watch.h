// A trace or capture that is going on: what is watched, and a recorder for each worker.
//
// Made and read by control, published to the workers through the ForwardingState, and freed after a grace period like
// all that they read. Door 3: what they recorded comes back through the recorders' rings.
#pragma once

#include <rte_mbuf.h>

#include <memory>
#include <vector>

#include "dataplane/forwarding_state.h"
#include "dataplane/recorder.h"

namespace ecmpd::dataplane {

class Watch {
 public:
  Watch(WatchSpec spec, unsigned workers, unsigned ports);
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // A worker, for its own.
  Recorder* recorder(unsigned worker) { return recorders_[worker].get(); }

  // Control.
  /// Calls use(const WatchRecord&, const uint8_t* bytes) for at most `limit` finished records; returns how many.
  template <typename Use>
  unsigned take(unsigned limit, Use&& use) {
    unsigned count = 0;
    for (const auto& recorder : recorders_) {
      for (; count < limit; ++count) {
        const WatchRecord* record = recorder->finished();
        if (record == nullptr) break;
        use(*record, recorder->bytes());
        recorder->release();
      }
    }
    taken_ += count;
    return count;
  }
  /// From now on the workers begin no record; those that there are can still be taken.
  void close() { closed_.store(true, std::memory_order_relaxed); }
  bool closed() const { return closed_.load(std::memory_order_relaxed); }
  /// All that were wanted have been taken.
  bool complete() const { return taken_ >= spec_.count; }
  /// Packets that nobody had room for.
  uint64_t lost() const;

 private:
  const WatchSpec spec_;
  std::atomic<int64_t> wanted_;
  std::atomic<bool> closed_{false};
  std::vector<std::unique_ptr<Recorder>> recorders_;
  uint64_t taken_ = 0;
};

/// The recorder of a worker while somebody watches, or null.
inline Recorder* recorder_of(const ForwardingState& state, unsigned worker) {
  Watch* const watch = state.watch.load(std::memory_order_acquire);
  return watch == nullptr ? nullptr : watch->recorder(worker);
}

}  // namespace ecmpd::dataplane
