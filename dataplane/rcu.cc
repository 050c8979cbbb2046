#include "dataplane/rcu.h"

#include <atomic>
#include <new>

namespace ecmpd::dataplane {

Rcu::Rcu() {
  const size_t line = RTE_CACHE_LINE_SIZE;
  const size_t bytes = (rte_rcu_qsbr_get_memsize(kMaxReaders) + line - 1) / line * line;
  state_.reset(static_cast<rte_rcu_qsbr*>(std::aligned_alloc(line, bytes)));
  if (!state_) throw std::bad_alloc();
  rte_rcu_qsbr_init(state_.get(), kMaxReaders);
}

bool Rcu::register_reader(unsigned id) {
  return id < kMaxReaders && rte_rcu_qsbr_thread_register(state_.get(), id) == 0;
}

void Rcu::unregister_reader(unsigned id) {
  published();
  rte_rcu_qsbr_thread_unregister(state_.get(), id);
}

uint64_t Rcu::start() {
  // A reader that comes online stores its counter, fences and then loads; so the unlinking store must be ordered before
  // our load of that counter. rte_rcu_qsbr_start() only releases, which is enough on x86 but not in the language.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  return rte_rcu_qsbr_start(state_.get());
}

bool Rcu::passed(uint64_t token) {
  if (rte_rcu_qsbr_check(state_.get(), token, false) != 1) return false;
  acquired();
  return true;
}

}  // namespace ecmpd::dataplane
