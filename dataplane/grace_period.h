// When may memory that readers could still see be freed or written again?
//
// The writer (control thread) takes a token after it has unlinked something; once passed(token) is true no reader can
// hold a reference any more. Implemented over rte_rcu_qsbr by dataplane/rcu.h, and by hand in tests. GraceQueue and
// Retired hold what waits for that moment. All of this is for the control thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <utility>

namespace ecmpd::dataplane {

class GracePeriod {
 public:
  virtual ~GracePeriod() = default;
  /// Begins a grace period; never blocks. Tokens grow.
  virtual uint64_t start() = 0;
  /// True once every reader has been quiescent since the token was taken; never blocks. True stays true.
  virtual bool passed(uint64_t token) = 0;
};

/// Values that wait for their grace period, first in, first out.
template <typename T>
class GraceQueue {
 public:
  explicit GraceQueue(GracePeriod& grace) : grace_(grace) {}

  /// Call after the value has been unlinked.
  void push(T value) { waiting_.emplace_back(grace_.start(), std::move(value)); }

  /// Hands each value whose grace period has passed to `use`, in order; returns how many still wait. `use` may push.
  template <typename Use>
  size_t poll(Use&& use) {
    while (!waiting_.empty() && grace_.passed(waiting_.front().first)) pop(use);
    return waiting_.size();
  }

  /// Hands over everything at once: only when no reader runs any more.
  template <typename Use>
  void drain(Use&& use) {
    while (!waiting_.empty()) pop(use);
  }

  size_t size() const { return waiting_.size(); }

 private:
  template <typename Use>
  void pop(Use& use) {
    T value = std::move(waiting_.front().second);
    waiting_.pop_front();  // before `use`, which may push
    use(std::move(value));
  }

  GracePeriod& grace_;
  std::deque<std::pair<uint64_t, T>> waiting_;
};

/// Frees what was unlinked (a snapshot, a group) after its grace period, in the order of the calls to defer().
/// Destroy it after the workers have stopped: what still waits is freed then.
class Retired {
 public:
  explicit Retired(GracePeriod& grace) : waiting_(grace) {}
  ~Retired() { waiting_.drain(run); }
  Retired(const Retired&) = delete;
  Retired& operator=(const Retired&) = delete;

  /// Call after the unlink. `free` may call defer() in turn: route, grace period, group, grace period, adjacency.
  void defer(std::function<void()> free) { waiting_.push(std::move(free)); }
  /// Runs what is due; returns how many still wait. Call it regularly, for instance once per control-loop turn.
  size_t poll() { return waiting_.poll(run); }
  size_t size() const { return waiting_.size(); }

 private:
  static void run(const std::function<void()>& free) { free(); }
  GraceQueue<std::function<void()>> waiting_;
};

}  // namespace ecmpd::dataplane
