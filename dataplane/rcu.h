// RCU between the workers (readers) and the control thread (writer), over rte_rcu_qsbr.
//
// A worker registers once, is online while it may hold references to published state, and reports quiescent between
// two bursts; offline while it sleeps or waits, so that it holds nobody up. The writer unlinks, calls start(), and
// frees when passed(). Works without EAL. start() and passed() belong to one thread.
#pragma once

#include <rte_rcu_qsbr.h>

#include <cstdlib>
#include <memory>

#include "dataplane/grace_period.h"
#include "dataplane/tsan.h"

namespace ecmpd::dataplane {

class Rcu final : public GracePeriod {
 public:
  static constexpr unsigned kMaxReaders = 128;

  Rcu();

  // Any thread.
  /// Reader ids are below kMaxReaders (a worker's index will do) and start offline. False if the id is too large.
  [[nodiscard]] bool register_reader(unsigned id);
  /// Only an offline reader. After this nobody waits for it.
  void unregister_reader(unsigned id);

  // The reader's own thread.
  void online(unsigned id) { rte_rcu_qsbr_thread_online(state_.get(), id); }
  void offline(unsigned id) {
    published();
    rte_rcu_qsbr_thread_offline(state_.get(), id);
  }
  /// "I hold no reference from before this call." A few cycles: two loads, and a store only when a writer waits.
  void quiescent(unsigned id) {
    published();
    rte_rcu_qsbr_quiescent(state_.get(), id);
  }

  // The writer's thread.
  uint64_t start() override;
  bool passed(uint64_t token) override;

 private:
  // Some edges pass through DPDK's library (unregister, for one). State them: what a reader did before it was quiescent
  // happens before passed() is true.
  void published() { tsan::release(state_.get()); }
  void acquired() { tsan::acquire(state_.get()); }
  struct Free {
    void operator()(rte_rcu_qsbr* state) const { std::free(state); }
  };
  std::unique_ptr<rte_rcu_qsbr, Free> state_;
};

}  // namespace ecmpd::dataplane
