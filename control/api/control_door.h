// The way from an API thread to the control thread: a question is posted to its loop and waited for, with a timeout.
//
// ask() is called on any thread but the control thread; close() on the control thread, or after its loop has ended.
// The StateSource is touched on the control thread only, and never after close(): a question that is still queued then
// does nothing, and everyone who waits is told at once. A question that came too late may still run; its answer
// is thrown away.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <tl/expected.hpp>
#include <type_traits>
#include <utility>

#include "control/api/views.h"

namespace ecmpd::control::api {

/// Runs a function on the control thread, soon; callable from any thread.
using Post = std::function<void(std::function<void()>)>;

enum class NoAnswer : uint8_t { kTimeout, kClosed };

class ControlDoor {
 public:
  ControlDoor(StateSource& source, Post post, std::chrono::milliseconds timeout)
      : source_(source), post_(std::move(post)), timeout_(timeout) {}

  /// What `question(StateSource&)` returns on the control thread. It must own what it captures: it may run after this
  /// call has given up.
  template <typename Question>
  auto ask(Question question) -> tl::expected<std::invoke_result_t<Question, StateSource&>, NoAnswer> {
    using Answer = std::invoke_result_t<Question, StateSource&>;
    struct Slot {
      std::optional<Answer> answer;
      bool abandoned = false;
    };
    auto slot = std::make_shared<Slot>();
    {
      const std::lock_guard lock(shared_->mutex);
      if (shared_->closed) return tl::unexpected(NoAnswer::kClosed);
    }
    post_([shared = shared_, slot, &source = source_, question = std::move(question)] {
      {
        const std::lock_guard lock(shared->mutex);
        if (shared->closed || slot->abandoned) return;
      }
      Answer answer = question(source);
      const std::lock_guard lock(shared->mutex);
      slot->answer = std::move(answer);
      shared->changed.notify_all();
    });
    std::unique_lock lock(shared_->mutex);
    shared_->changed.wait_for(lock, timeout_, [&] { return slot->answer.has_value() || shared_->closed; });
    if (slot->answer) return std::move(*slot->answer);
    slot->abandoned = true;
    return tl::unexpected(shared_->closed ? NoAnswer::kClosed : NoAnswer::kTimeout);
  }

  void close() {
    const std::lock_guard lock(shared_->mutex);
    shared_->closed = true;
    shared_->changed.notify_all();
  }

 private:
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    bool closed = false;
  };

  StateSource& source_;
  Post post_;
  std::chrono::milliseconds timeout_;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace ecmpd::control::api
