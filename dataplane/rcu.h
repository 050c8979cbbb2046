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

#if defined(__SANITIZE_THREAD__)
#define ECMPD_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ECMPD_TSAN 1
#endif
#endif
#ifdef ECMPD_TSAN
#include <sanitizer/tsan_interface.h>
#endif

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
  // DPDK's library is not instrumented, so ThreadSanitizer misses the edges that pass through it (unregister, for one).
  // State them: what a reader did before it was quiescent happens before passed() is true.
#ifdef ECMPD_TSAN
  void published() { __tsan_release(state_.get()); }
  void acquired() { __tsan_acquire(state_.get()); }
#else
  void published() {}
  void acquired() {}
#endif
  struct Free {
    void operator()(rte_rcu_qsbr* state) const { std::free(state); }
  };
  std::unique_ptr<rte_rcu_qsbr, Free> state_;
};

}  // namespace ecmpd::dataplane
