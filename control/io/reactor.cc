#include "control/io/reactor.h"

#include <algorithm>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <csignal>

namespace ecmpd::control {
namespace {

using Clock = std::chrono::steady_clock;

// Each registration keeps itself alive by the handler that is pending in asio; cancel() ends that, and `cancelled_`
// covers the handler that is already queued. A callback is moved out of the way when it ends, so that what it captured
// is released with the registration and not with the last handler.

class Timer final : public Handle::Registration, public std::enable_shared_from_this<Timer> {
 public:
  Timer(asio::io_context& context, Reactor::Milliseconds period, Reactor::Callback callback)
      : timer_(context), period_(period), callback_(std::move(callback)) {}

  void start(Clock::time_point when) {
    timer_.expires_at(when);
    timer_.async_wait([self = shared_from_this(), when](const asio::error_code& error) {
      if (!error) self->fire(when);
    });
  }
  void cancel() override {
    cancelled_ = true;
    asio::error_code ignored;
    timer_.cancel(ignored);
  }

 private:
  void fire(Clock::time_point due) {
    if (cancelled_) return;
    callback_();
    if (cancelled_ || period_ == Reactor::Milliseconds::zero()) return;
    start(std::max(due + period_, Clock::now()));
  }

  asio::steady_timer timer_;
  Reactor::Milliseconds period_;  // zero: once
  Reactor::Callback callback_;
  bool cancelled_ = false;
};

class ReadableWatch final : public Handle::Registration, public std::enable_shared_from_this<ReadableWatch> {
 public:
  ReadableWatch(asio::io_context& context, Reactor::Callback callback)
      : descriptor_(context), callback_(std::move(callback)) {}
  ~ReadableWatch() override { release(); }

  bool start(int fd) {
    asio::error_code error;
    descriptor_.assign(fd, error);
    if (error) return false;
    wait();
    return true;
  }
  void cancel() override {
    cancelled_ = true;
    release();
  }

 private:
  // The descriptor is the caller's: asio must forget it without closing it.
  void release() {
    if (descriptor_.is_open()) descriptor_.release();
  }
  void wait() {
    descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                           [self = shared_from_this()](const asio::error_code& error) {
                             if (error || self->cancelled_) return;
                             self->callback_();
                             if (!self->cancelled_) self->wait();
                           });
  }

  asio::posix::stream_descriptor descriptor_;
  Reactor::Callback callback_;
  bool cancelled_ = false;
};

class SignalWatch final : public Handle::Registration, public std::enable_shared_from_this<SignalWatch> {
 public:
  SignalWatch(asio::io_context& context, std::function<void(int)> callback)
      : signals_(context), callback_(std::move(callback)) {}

  bool start() {
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
      asio::error_code error;
      signals_.add(number, error);
      if (error) return false;
    }
    wait();
    return true;
  }
  void cancel() override {
    cancelled_ = true;
    asio::error_code ignored;
    signals_.clear(ignored);
    signals_.cancel(ignored);
  }

 private:
  void wait() {
    signals_.async_wait([self = shared_from_this()](const asio::error_code& error, int number) {
      if (error || self->cancelled_) return;
      self->callback_(number);
      if (!self->cancelled_) self->wait();
    });
  }

  asio::signal_set signals_;
  std::function<void(int)> callback_;
  bool cancelled_ = false;
};

}  // namespace

// One thread runs the loop; asio may save its locks for that (post() and stop() stay safe with hint 1).
Reactor::Reactor() : context_(std::make_unique<asio::io_context>(1)) {}
Reactor::~Reactor() = default;

void Reactor::run() {
  const auto work = asio::make_work_guard(*context_);
  context_->restart();
  context_->run();
}

void Reactor::stop() { context_->stop(); }

void Reactor::post(Callback callback) { asio::post(*context_, std::move(callback)); }

Handle Reactor::after(Milliseconds delay, Callback callback) {
  auto timer = std::make_shared<Timer>(*context_, Milliseconds::zero(), std::move(callback));
  timer->start(Clock::now() + delay);
  return Handle(std::move(timer));
}

Handle Reactor::every(Milliseconds period, Callback callback) {
  period = std::max(period, Milliseconds(1));
  auto timer = std::make_shared<Timer>(*context_, period, std::move(callback));
  timer->start(Clock::now() + period);
  return Handle(std::move(timer));
}

Handle Reactor::on_readable(int fd, Callback callback) {
  auto watch = std::make_shared<ReadableWatch>(*context_, std::move(callback));
  if (!watch->start(fd)) return {};
  return Handle(std::move(watch));
}

Handle Reactor::on_signal(std::function<void(int)> callback) {
  auto watch = std::make_shared<SignalWatch>(*context_, std::move(callback));
  if (!watch->start()) return {};
  return Handle(std::move(watch));
}

asio::io_context& Reactor::context() { return *context_; }

}  // namespace ecmpd::control
