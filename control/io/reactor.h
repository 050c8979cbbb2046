// The control thread's event loop: timers, readable descriptors, signals, and work posted by other threads.
//
// Everything runs on the thread that calls run(); only post() and stop() may be called from others. A callback that
// was cancelled is never called afterwards, not even when it was already due. Callbacks do not throw. The Reactor
// outlives everything that is registered with it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace asio {
class io_context;
}

namespace ecmpd::control {

/// Keeps one registration alive: destroying or cancelling it ends the callbacks. Allowed inside the callback itself.
class [[nodiscard]] Handle {
 public:
  class Registration {
   public:
    virtual ~Registration() = default;
    virtual void cancel() = 0;
  };

  Handle() = default;
  explicit Handle(std::shared_ptr<Registration> registration) : registration_(std::move(registration)) {}
  Handle(Handle&&) noexcept = default;
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) {
      cancel();
      registration_ = std::move(other.registration_);
    }
    return *this;
  }
  ~Handle() { cancel(); }

  void cancel() {
    if (const auto registration = std::move(registration_)) registration->cancel();
    registration_ = nullptr;
  }
  /// True until cancelled. A timer of after() that has fired is still true.
  explicit operator bool() const { return registration_ != nullptr; }

 private:
  std::shared_ptr<Registration> registration_;
};

class Reactor {
 public:
  using Callback = std::function<void()>;
  using Milliseconds = std::chrono::milliseconds;

  Reactor();
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  /// Runs callbacks until stop(), also while nothing is registered. May be called again after it returned.
  void run();
  /// Ends run() after the callback that is running now. Any thread.
  void stop();
  /// Calls `callback` once, in order of posting. Any thread.
  void post(Callback callback);

  /// Calls once, `delay` from now.
  Handle after(Milliseconds delay, Callback callback);
  /// Calls each `period`, the first time one period from now. A late loop skips beats instead of catching up.
  Handle every(Milliseconds period, Callback callback);
  /// Calls as long as `fd` is readable (level-triggered) or in error; the callback reads. The descriptor stays the
  /// caller's, is closed by him, after the Handle is gone. An empty Handle: `fd` cannot be watched.
  Handle on_readable(int fd, Callback callback);
  /// Calls with SIGINT, SIGTERM or SIGHUP, which then no longer have their default effect.
  Handle on_signal(std::function<void(int)> callback);

  /// For control/io, which is where asio lives.
  asio::io_context& context();

 private:
  std::unique_ptr<asio::io_context> context_;
};

}  // namespace ecmpd::control
